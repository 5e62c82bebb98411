package dev.jloop.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.Task;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.streams.StreamWriter;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;

/// A client as the server knows it, and what waits to be sent to it. Confined to the loop's thread.
final class Member {
    /// ```text
    /// KEEPING_UP -a quarter of the queue is full-> BEHIND -the queue is full-> HELD_BACK or DROPPED
    /// BEHIND, HELD_BACK -no more than an eighth waits-> KEEPING_UP
    /// BEHIND, HELD_BACK -more than that waits for too long-> DROPPED
    /// any -left, and did not take the rest in time-> DROPPED
    /// ```
    private enum Pace {
        KEEPING_UP,
        BEHIND,
        HELD_BACK,
        DROPPED
    }

    private static final Logger LOG = LoggerFactory.getLogger(Member.class);

    private final StreamWriter writer;
    private final ChatOptions options;
    private Pace pace = Pace.KEEPING_UP;
    private @Nullable Task<?> watch;
    private long missedLines;
    private long toldLines;
    private @Nullable String name;
    private @Nullable Room room;

    Member(StreamWriter writer, ChatOptions options) {
        this.writer = writer;
        this.options = options;
        // What is above makes the client one that is behind, for which a coroutine watches.
        writer.transport().setWriteBufferLimits(watchedFrom(), watchedFrom() / 2);
    }

    private int watchedFrom() {
        return options.queueBytes() / 4;
    }

    @Nullable String name() {
        return name;
    }

    void rename(String next) {
        name = next;
    }

    @Nullable Room room() {
        return room;
    }

    void moveTo(@Nullable Room next) {
        room = next;
    }

    /// {@return whether it was dropped because it did not keep up}
    boolean isDropped() {
        return pace == Pace.DROPPED;
    }

    /// {@return whether it hears nothing until no more than an eighth of its queue waits for it}
    boolean isHeldBack() {
        return pace == Pace.HELD_BACK;
    }

    /// {@return how many lines it has not been sent so far, for it was held back}
    long missedLines() {
        return missedLines;
    }

    long waitingBytes() {
        return writer.transport().writeBufferSize();
    }

    void tell(String line) {
        deliver((line + "\n").getBytes(UTF_8));
    }

    /// Queues a line if there is space for it; else the client is slow. Does not suspend.
    void deliver(byte[] line) {
        if (pace == Pace.DROPPED || writer.isClosing()) {
            return;
        }
        if (pace != Pace.HELD_BACK && waitingBytes() + line.length > options.queueBytes()) {
            overflow();
        }
        switch (pace) {
            case KEEPING_UP, BEHIND -> {
                writer.transport().write(line);
                if (waitingBytes() > watchedFrom()) {
                    startWatching(Pace.BEHIND);
                }
            }
            case HELD_BACK -> missedLines++;
            case DROPPED -> {}
        }
    }

    private void overflow() {
        var reason = waitingBytes() + " of " + options.queueBytes() + " bytes wait for it";
        switch (options.slowReaders()) {
            case CUT -> drop(reason);
            case HOLD -> {
                LOG.debug("{} is held back: {}", this, reason);
                startWatching(Pace.HELD_BACK);
            }
        }
    }

    private void startWatching(Pace next) {
        pace = next;
        if (watch == null) {
            watch = Async.createTask(this::watch, "chat: watches " + this);
        }
    }

    /// Lets the client catch up, for a while.
    private void watch() {
        var caughtUp = false;
        try {
            caughtUp = catchesUp();
        } finally {
            watch = null;
        }
        if (caughtUp && pace != Pace.DROPPED) {
            pace = Pace.KEEPING_UP;
            tellWhatWasMissed();
        }
    }

    /// {@return whether it has caught up} If not it is dropped, or gone. Suspends.
    private boolean catchesUp() {
        var limit =
                switch (options.slowReaders()) {
                    case CUT -> options.patience();
                    case HOLD -> options.silence();
                };
        try {
            Timeout.after(limit).run(writer::drain);
            return true;
        } catch (TimedOutException slow) {
            drop("it has not caught up within " + limit);
        } catch (IOException gone) {
            LOG.debug("{} is gone: {}", this, gone.toString());
        }
        return false;
    }

    private void tellWhatWasMissed() {
        var missed = missedLines - toldLines;
        toldLines = missedLines;
        if (missed > 0) {
            tell("* you were too slow, and have missed " + missed + " lines");
        }
    }

    /// Suspends while the client is held back.
    void awaitTurn() {
        while (pace == Pace.HELD_BACK && watch != null) {
            var _ = Async.waitAll(List.of(watch));
        }
    }

    private void drop(String reason) {
        pace = Pace.DROPPED;
        LOG.info("{} is cut: {}", this, reason);
        writer.transport().abort();
    }

    /// Ends the connection, once the client has got what is queued or has taken too long for it.
    /// Suspends.
    void part() {
        writer.close();
        try {
            Timeout.after(options.patience()).run(writer::waitClosed);
        } catch (TimedOutException slow) {
            drop("it has not taken the rest within " + options.patience());
        } catch (IOException gone) {
            LOG.debug("{} is gone: {}", this, gone.toString());
        }
    }

    @Override
    public String toString() {
        return name == null ? "a client without a name" : name;
    }
}
