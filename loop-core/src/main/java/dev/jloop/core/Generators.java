package dev.jloop.core;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The generators of a loop that have begun and not ended. Confined to the loop's thread.
final class Generators {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private static final Cancellation SHUT_DOWN =
            Cancellation.byShutdown("the generators of the loop were shut down");

    private final SelectorEventLoop loop;
    private final boolean closeUnreachable;
    private final Set<GeneratorRun<?>> live = new LinkedHashSet<>();
    private long created;
    private boolean shutDown;

    Generators(SelectorEventLoop loop, boolean closeUnreachable) {
        this.loop = loop;
        this.closeUnreachable = closeUnreachable;
    }

    /// {@return the run of a body that has not begun}
    ///
    /// @param user once this has become unreachable, the run is closed
    <T extends @Nullable Object> GeneratorRun<T> create(GeneratorIterable<T> source, Object user) {
        var run = new GeneratorRun<>(loop, source, "Generator-" + ++created);
        if (closeUnreachable) {
            run.closeWhenUnreachable(user);
        }
        return run;
    }

    void started(GeneratorRun<?> run) {
        live.add(run);
        if (shutDown) {
            LOG.warn(
                    "the {} was started after shutdownAsyncGenerators() of {}; if it is left before"
                            + " its end, its clean-up cannot wait for anything",
                    run.source(),
                    loop);
        }
    }

    void ended(GeneratorRun<?> run) {
        live.remove(run);
    }

    boolean isEmpty() {
        return live.isEmpty();
    }

    List<GeneratorRun<?>> snapshot() {
        return List.copyOf(live);
    }

    void requestCloseAll(Cancellation request) {
        snapshot().forEach(run -> run.requestClose(request));
    }

    /// Closes all, and waits for their clean-up. Suspends.
    void shutdown() {
        if (loop.execution().requireTask("shutdownAsyncGenerators")
                instanceof GeneratorRun<?> run) {
            throw new IllegalStateException(
                    "the "
                            + run.source()
                            + " would wait for its own end; call shutdownAsyncGenerators() in a"
                            + " task, not in a generator");
        }
        shutDown = true;
        var closing = snapshot();
        requestCloseAll(SHUT_DOWN);
        Async.gatherSettled(closing).await();
    }
}
