package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.SelectorEventLoop;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The default executor of one loop, from its first use to its end: threads for work that blocks,
/// and a pool for work that computes. Confined to the loop's thread.
///
/// Work that blocks has virtual threads where the loop has a thread of its own, on the engine
/// `mounted`. On `baton` the loop is a virtual thread too, and a body that does not let go of its
/// carrier, as it computes or is in native code, could stop it; so there it is platform threads.
final class DefaultExecutor implements AutoCloseable {
    /// OWN -set-> GIVEN; each -shut down-> SHUT_DOWN.
    private enum State {
        OWN,
        GIVEN,
        SHUT_DOWN
    }

    private static final int MOST_BLOCKING = 64;

    private static final Duration IDLE_LIFE = Duration.ofSeconds(60);

    private static final Duration WAIT_OF_RUNNER = Duration.ofMinutes(5);

    private static final int MOST_DESCRIBED = 20;

    private final EventLoop loop;
    private final CapacityLimiter limiter = new CapacityLimiter(MOST_BLOCKING);
    private State state = State.OWN;

    /// For work that blocks.
    private Destination blocking;

    /// Set by the user.
    private @Nullable ExecutorService given;

    /// The platform threads of the loop's own for work that blocks; null where they are virtual.
    private final @Nullable ThreadPoolExecutor workers;

    /// Made on first use.
    private @Nullable ExecutorService computing;

    private DefaultExecutor(EventLoop loop) {
        this.loop = loop;
        var name = loop + "-worker-";
        if (needsNoCarrier(loop)) {
            workers = null;
            var threads =
                    Thread.ofVirtual()
                            .name(name, 1)
                            .inheritInheritableThreadLocals(false)
                            .factory();
            blocking = new Destination(work -> threads.newThread(work).start(), limiter, true);
        } else {
            workers = newCachedPool(name);
            blocking = new Destination(workers, limiter, true);
        }
    }

    private static boolean needsNoCarrier(EventLoop loop) {
        return loop instanceof SelectorEventLoop known && known.engineName().equals("mounted");
    }

    /// {@return a pool without a bound, which the limiter is}
    private static ThreadPoolExecutor newCachedPool(String name) {
        return new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                IDLE_LIFE.toSeconds(),
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                platformThreads(name));
    }

    private static ThreadFactory platformThreads(String name) {
        return Thread.ofPlatform()
                .name(name, 1)
                .daemon()
                .inheritInheritableThreadLocals(false)
                .factory();
    }

    static DefaultExecutor of(EventLoop loop) {
        return loop.service(DefaultExecutor.class, DefaultExecutor::open);
    }

    private static DefaultExecutor open(EventLoop loop) {
        var created = new DefaultExecutor(loop);
        loop.onShutdown(created::runnerCloses);
        return created;
    }

    /// {@return of the loop's own threads for work that blocks}
    CapacityLimiter limiter() {
        return limiter;
    }

    /// {@return where one piece of work that blocks goes}
    Destination blocking() {
        checkNotShutDown();
        return blocking;
    }

    /// {@return where what is short, and must not wait for others, goes}
    Destination blockingWithoutLimit() {
        return new Destination(blocking().executor(), null, true);
    }

    /// {@return where one piece of work that computes goes}
    Destination computing() {
        checkNotShutDown();
        var current = computing;
        if (current == null) {
            current = newPool();
            computing = current;
        }
        return new Destination(current, null, true);
    }

    private ExecutorService newPool() {
        var threads = Runtime.getRuntime().availableProcessors();
        var pool =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_LIFE.toSeconds(),
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        platformThreads(loop + "-compute-"));
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
        given = next;
        blocking = new Destination(next, null, true);
        state = State.GIVEN;
        endIdleWorkers();
    }

    /// No shutdown, as work may still wait for a token.
    private void endIdleWorkers() {
        if (workers != null) {
            workers.setKeepAliveTime(0, TimeUnit.SECONDS);
        }
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
        state = State.SHUT_DOWN;
        endIdleWorkers();
        var work = WorkInProgress.of(loop);
        var pools = pools();
        if (work.hasNoneInDefaultExecutor()) {
            pools.forEach(ExecutorService::shutdown);
            if (pools.stream().allMatch(ExecutorService::isTerminated)) {
                return;
            }
        }
        TerminationWait.await(work, pools, timeout, loop);
        var left = work.describeDefaultExecutor();
        if (!left.isEmpty() || hasWorkOfOthers()) {
            reportLeft(timeout, left);
        }
    }

    /// The threads of our own need no work to be still there for a moment.
    private boolean hasWorkOfOthers() {
        return given != null && !given.isTerminated();
    }

    private List<ExecutorService> pools() {
        return Stream.of(given, computing).filter(Objects::nonNull).toList();
    }

    private void reportLeft(Duration timeout, List<String> left) {
        var text =
                new StringBuilder("the default executor of ")
                        .append(loop)
                        .append(" did not finish its work within ")
                        .append(timeout)
                        .append(", and is left alone");
        left.stream().limit(MOST_DESCRIBED).forEach(line -> text.append("\n  ").append(line));
        if (left.size() > MOST_DESCRIBED) {
            text.append("\n  and ").append(left.size() - MOST_DESCRIBED).append(" more");
        }
        if (left.isEmpty()) { // so that it is work that others gave to an executor of theirs
            text.append(": ").append(given);
        }
        loop.callExceptionHandler(LoopException.of(text.toString(), null).with("work", left));
    }

    /// Takes no more work, and waits for nothing. Called by a closing loop.
    @Override
    public void close() {
        state = State.SHUT_DOWN;
        if (workers != null) {
            workers.shutdown();
        }
        pools().forEach(ExecutorService::shutdown);
    }

    @Override
    public String toString() {
        return "DefaultExecutor[" + state + ", of " + loop + "]";
    }
}
