package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.Closeable;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The thread that does what blocks on one stream, one thing after the other: it alone reads,
/// writes and closes the stream. It starts with the first job and ends after
/// [#closeLast(Closeable)].
///
/// It is a platform thread: a read of the JDK's file streams blocks in the operating system, which
/// would take a carrier away from all virtual threads of the process for as long as the other end
/// is silent. And it is never interrupted, since such a read takes no notice.
///
/// Its queue needs no bound, because each link has one job under way, and then closes.
final class StreamThread {
    private static final Logger LOG = LoggerFactory.getLogger(StreamThread.class);

    /// The thread lies idle while its pipe is paused; it comes back when it is needed.
    private static final int IDLE_SECONDS = 10;

    private final EventLoop loop;
    private final String name;
    private final ThreadPoolExecutor thread;

    /// The jobs under way, as the loop's clock sees them. Used by the loop's thread only.
    private final Set<EventLoop.OutsideWork> underWay = new HashSet<>();

    /// What blocks.
    @FunctionalInterface
    interface Job {
        /// {@return how many bytes were moved, or what the job means by it}
        int run() throws IOException;
    }

    /// What a job has come to.
    sealed interface Outcome {}

    /// It has worked.
    record Done(int count) implements Outcome {}

    /// It has failed.
    record Failed(IOException failure) implements Outcome {}

    /// @param name for thread dumps and reports
    StreamThread(EventLoop loop, String name) {
        this.loop = loop;
        this.name = name;
        thread =
                new ThreadPoolExecutor(
                        1,
                        1,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform()
                                .daemon()
                                .inheritInheritableThreadLocals(false)
                                .name("jloop " + name)
                                .factory());
        thread.allowCoreThreadTimeOut(true);
    }

    /// Lets the thread do something. The loop's clock counts it as work outside.
    ///
    /// @param whenDone runs on the loop's thread
    void start(Job job, Consumer<Outcome> whenDone) {
        var announced = loop.beginOutsideWork(name);
        underWay.add(announced);
        Consumer<Outcome> ended =
                outcome -> {
                    underWay.remove(announced);
                    whenDone.accept(outcome);
                };
        thread.execute(() -> {
            try (announced) {
                deliver(run(job), ended);
            }
        });
    }

    private Outcome run(Job job) {
        try {
            return new Done(job.run());
        } catch (IOException failure) {
            return new Failed(failure);
        } catch (RuntimeException | Error failure) {
            // Whoever waits for the job must learn of it, whatever a foreign stream throws.
            return new Failed(new IOException(name + " failed: " + failure, failure));
        }
    }

    private void deliver(Outcome outcome, Consumer<Outcome> whenDone) {
        try {
            loop.callSoonThreadsafe(() -> whenDone.accept(outcome));
        } catch (IllegalStateException closed) {
            if (!loop.isClosed()) {
                throw closed;
            }
            // The transport has ended with its loop.
        }
    }

    /// Closes the stream when the job under way has come back, and ends the thread. Nobody waits
    /// for that any more: a read of a process may last as long as the process.
    ///
    /// @param stream closed by the thread, because closing it while another thread reads may block
    ///   that one, and may let it read what has got the same descriptor since
    void closeLast(Closeable stream) {
        underWay.forEach(EventLoop.OutsideWork::close);
        thread.execute(() -> {
            try {
                stream.close();
            } catch (IOException | RuntimeException failure) {
                LOG.debug("closing failed after {}", name, failure);
            }
        });
        thread.shutdown();
    }

    @Override
    public String toString() {
        return name;
    }
}
