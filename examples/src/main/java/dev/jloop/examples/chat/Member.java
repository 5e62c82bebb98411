package dev.jloop.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.streams.StreamWriter;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;

/// A client as the server knows it, and what waits to be sent to it. Confined to the loop's thread.
final class Member {
    /// KEEPING_UP -a quarter of the queue is full-> BEHIND -caught up-> KEEPING_UP; from both: -the
    /// queue is full, or it stayed behind for too long-> DROPPED.
    private enum Pace {
        KEEPING_UP,
        BEHIND,
        DROPPED
    }

    private static final Logger LOG = LoggerFactory.getLogger(Member.class);

    private final StreamWriter writer;
    private final ChatOptions options;
    private Pace pace = Pace.KEEPING_UP;
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

    void tell(String line) {
        deliver((line + "\n").getBytes(UTF_8));
    }

    /// Queues a line, or drops the client if too much is queued. Does not suspend.
    void deliver(byte[] line) {
        if (pace == Pace.DROPPED || writer.isClosing()) {
            return;
        }
        var transport = writer.transport();
        transport.write(line);
        var queued = transport.writeBufferSize();
        if (queued > options.queueBytes()) {
            drop("has " + queued + " bytes waiting, of " + options.queueBytes());
        } else if (queued > watchedFrom() && pace == Pace.KEEPING_UP) {
            pace = Pace.BEHIND;
            var _ = Async.createTask(this::watch, "chat: watches " + this);
        }
    }

    /// Lets the client catch up, for a while.
    private void watch() {
        try {
            Timeout.after(options.patience()).run(writer::drain);
            if (pace == Pace.BEHIND) {
                pace = Pace.KEEPING_UP;
            }
        } catch (TimedOutException slow) {
            drop("has not caught up within " + options.patience());
        } catch (IOException gone) {
            LOG.debug("{} is gone: {}", this, gone.toString());
        }
    }

    private void drop(String reason) {
        pace = Pace.DROPPED;
        LOG.info("{} is dropped: it {}", this, reason);
        writer.transport().abort();
    }

    /// Ends the connection, once the client has got what is queued or has taken too long for it.
    /// Suspends.
    void part() {
        writer.close();
        try {
            Timeout.after(options.patience()).run(writer::waitClosed);
        } catch (TimedOutException slow) {
            drop("has not taken the rest within " + options.patience());
        } catch (IOException gone) {
            LOG.debug("{} is gone: {}", this, gone.toString());
        }
    }

    @Override
    public String toString() {
        return name == null ? "a client without a name" : name;
    }
}
