package dev.jloop.core;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// SIGINT and SIGTERM during one run or the clean-up after it: the first cancels the main task, if
/// there is one, the second ends the JVM.
final class Interruption implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

    /// A signal, and the exit code that the shell expects of a process it has ended.
    private enum Signal {
        INT(130),
        TERM(143);

        private final int exitCode;

        Signal(int exitCode) {
            this.exitCode = exitCode;
        }
    }

    /// How long a loop may take to list its tasks before it counts as stuck: whoever presses Ctrl-C
    /// twice wants to see the end.
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final EventLoop loop;
    private final @Nullable Task<?> main;
    private final List<Signals.Listener> listeners = new ArrayList<>();
    private final AtomicReference<@Nullable Signal> first = new AtomicReference<>();

    private Interruption(EventLoop loop, @Nullable Task<?> main) {
        this.loop = loop;
        this.main = main;
    }

    /// {@return a watch over those of the signals that nobody else has taken: another run, or a
    /// user's handler}
    ///
    /// @param main what the first signal cancels; null during a clean-up, which it leaves alone
    static Interruption watch(EventLoop loop, @Nullable Task<?> main) {
        var watch = new Interruption(loop, main);
        for (var signal : Signal.values()) {
            watch.listen(signal);
        }
        return watch;
    }

    private void listen(Signal signal) {
        try {
            var listener = Signals.listenIfFree(signal.name(), () -> received(signal));
            if (listener != null) {
                listeners.add(listener);
            }
        } catch (IllegalArgumentException | UnsupportedOperationException refused) {
            LOG.debug("SIG{} stays with the JVM", signal, refused);
        }
    }

    /// On a thread of the JDK's.
    private void received(Signal signal) {
        if (first.compareAndSet(null, signal)) {
            cancelMain(signal);
            return;
        }
        try {
            System.err.println(
                    "jloop: a second signal, SIG"
                            + signal
                            + ", before the clean-up was over; ending at once");
            System.err.println(TaskTree.capture(loop, PATIENCE).text());
        } finally {
            Runtime.getRuntime().halt(signal.exitCode);
        }
    }

    private void cancelMain(Signal signal) {
        if (main == null) {
            return;
        }
        var cancellation = new Cancellation(CancelledError.Source.SIGNAL, "SIG" + signal, null);
        loop.execute(() -> Futures.cancel(main, cancellation));
    }

    /// {@return whether a signal came, and `task` ended by it: not by a result, a failure, or
    /// another cancellation besides}
    boolean hasEnded(Task<?> task) {
        return first.get() != null && task.isCancelled() && task.uncancel() == 0;
    }

    /// Ends the JVM as the signal would have.
    void exit() {
        var signal = first.get();
        if (signal != null) {
            System.exit(signal.exitCode);
        }
    }

    @Override
    public void close() {
        listeners.forEach(Signals.Listener::close);
    }
}
