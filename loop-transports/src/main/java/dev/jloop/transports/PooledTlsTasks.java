package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Runs the slow parts of handshakes on threads that all loops share; they end when they have had
/// nothing to do for a while.
final class PooledTlsTasks implements TlsTasks {
    private static final Logger LOG = LoggerFactory.getLogger(PooledTlsTasks.class);

    /// The threads are made when the first handshake needs them.
    private static final class Threads {
        private static final int IDLE_SECONDS = 10;
        static final ThreadPoolExecutor POOL = pool();

        private static ThreadPoolExecutor pool() {
            var count = Runtime.getRuntime().availableProcessors();
            var pool =
                    new ThreadPoolExecutor(
                            count,
                            count,
                            IDLE_SECONDS,
                            TimeUnit.SECONDS,
                            // Bounded by the handshakes under way: each has one task at a time.
                            new LinkedBlockingQueue<>(),
                            Thread.ofPlatform().daemon().name("jloop-tls-", 0).factory());
            pool.allowCoreThreadTimeOut(true);
            return pool;
        }
    }

    private final EventLoop loop;

    PooledTlsTasks(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public void run(Runnable task, Consumer<? super @Nullable Throwable> whenDone) {
        var work = loop.beginOutsideWork("a task of a TLS handshake");
        var submitted = false;
        try {
            Threads.POOL.execute(() -> runOutside(task, whenDone, work));
            submitted = true;
        } finally {
            if (!submitted) {
                work.close();
            }
        }
    }

    private void runOutside(
            Runnable task,
            Consumer<? super @Nullable Throwable> whenDone,
            EventLoop.OutsideWork work) {
        Throwable failure = null;
        try {
            task.run();
        } catch (Throwable thrown) {
            failure = thrown; // the loop's thread deals with it
        }
        var result = failure;
        try {
            loop.callSoonThreadsafe(() -> whenDone.accept(result));
        } catch (IllegalStateException closed) {
            LOG.debug("the loop of a TLS handshake was closed meanwhile", closed);
        } finally {
            work.close();
        }
    }
}
