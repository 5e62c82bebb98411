package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The default executor of one loop, from its first use to its end. Confined to the loop's thread.
final class DefaultExecutor implements AutoCloseable {
    /// NONE -first use-> OWN -set-> GIVEN; NONE -set-> GIVEN; each -shut down-> SHUT_DOWN.
    private enum State {
        NONE,
        OWN,
        GIVEN,
        SHUT_DOWN
    }

    private static final int MOST_THREADS = 32;

    /// Threads that block leave the processors to others, so there are more of them.
    private static final int MORE_THAN_PROCESSORS = 4;

    private static final Duration IDLE_LIFE = Duration.ofSeconds(60);

    private static final Duration WAIT_OF_RUNNER = Duration.ofMinutes(5);

    private final EventLoop loop;
    private State state = State.NONE;
    private @Nullable ExecutorService executor;

    private DefaultExecutor(EventLoop loop) {
        this.loop = loop;
    }

    static DefaultExecutor of(EventLoop loop) {
        return loop.service(DefaultExecutor.class, DefaultExecutor::open);
    }

    private static DefaultExecutor open(EventLoop loop) {
        var created = new DefaultExecutor(loop);
        loop.onShutdown(created::runnerCloses);
        return created;
    }

    /// {@return the executor, for one submission}
    ExecutorService executor() {
        checkNotShutDown();
        var current = executor;
        if (current == null) {
            current = newPool();
            executor = current;
            state = State.OWN;
        }
        return current;
    }

    private ExecutorService newPool() {
        var threads =
                Math.min(
                        MOST_THREADS,
                        Runtime.getRuntime().availableProcessors() + MORE_THAN_PROCESSORS);
        var pool =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_LIFE.toSeconds(),
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform()
                                .name(loop + "-worker-", 1)
                                .daemon()
                                .inheritInheritableThreadLocals(false)
                                .factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    void replaceBy(ExecutorService next) {
        checkNotShutDown();
        if (next == ForkJoinPool.commonPool()) {
            throw new IllegalArgumentException(
                    "the common pool belongs to the whole JVM and cannot be shut down, so it cannot"
                            + " become the default executor of "
                            + loop
                            + "; pass it to runInExecutor");
        }
        if (next.isShutdown()) {
            throw new IllegalArgumentException(
                    "the executor was shut down, and cannot become the default of "
                            + loop
                            + ": "
                            + next);
        }
        if (state == State.OWN && executor != null) {
            executor.shutdown();
        }
        executor = next;
        state = State.GIVEN;
    }

    private void checkNotShutDown() {
        if (state == State.SHUT_DOWN) {
            throw new IllegalStateException(
                    "the default executor of "
                            + loop
                            + " was shut down; pass an executor of your own to runInExecutor");
        }
    }

    /// Hooks added before the executor was first used may still want it, so they go first.
    private void runnerCloses() {
        loop.runShutdownHooks();
        shutdown(WAIT_OF_RUNNER);
    }

    /// Suspends until the work has ended or the time is over.
    void shutdown(Duration timeout) {
        close();
        if (executor == null || executor.isTerminated()) {
            return;
        }
        if (!TerminationWait.of(executor, timeout, loop).await()) {
            loop.callExceptionHandler(
                    LoopException.of(
                            "the default executor of "
                                    + loop
                                    + " did not finish its work within "
                                    + timeout
                                    + ", and is left alone: "
                                    + executor,
                            null));
        }
    }

    /// Takes no more work, and waits for nothing. Called by a closing loop too.
    @Override
    public void close() {
        state = State.SHUT_DOWN;
        if (executor != null) {
            executor.shutdown();
        }
    }

    @Override
    public String toString() {
        return "DefaultExecutor[" + state + ", of " + loop + "]";
    }
}
