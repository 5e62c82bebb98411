package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/// Where the slow parts of TLS handshakes run: signatures, key exchange, and the check of
/// certificates, which may ask other machines.
///
/// By default that is a pool of daemon threads that all loops share, one for each processor, so
/// that a handshake does not hold up a loop. As many tasks that hang, for instance in a trust
/// manager that asks a machine which does not answer, hold up every other handshake until its limit
/// of time. A loop whose runs have to be the same each time runs them on its own thread:
/// `loop.provideService(TlsTasks.class, TlsTasks.inline(loop))`, before its first TLS connection.
///
/// The semantics are those of the delegated tasks of `javax.net.ssl.SSLEngine`.
///
/// @since 0.1
@FunctionalInterface
public interface TlsTasks {
    /// Runs a task.
    ///
    /// **Threading:** called on the loop's thread.
    ///
    /// @param task runs once, on any thread
    /// @param whenDone called once, on the loop's thread, after this call and after the task: with
    ///   null, or with what the task has thrown. Not called where the loop was closed before
    void run(Runnable task, Consumer<? super @Nullable Throwable> whenDone);

    /// {@return what a loop uses: what was provided, else the shared pool}
    ///
    /// @param loop the loop
    static TlsTasks of(EventLoop loop) {
        return loop.service(TlsTasks.class, PooledTlsTasks::new);
    }

    /// {@return tasks that run on the loop's own thread, each in a turn of its own}
    ///
    /// @param loop the loop
    static TlsTasks inline(EventLoop loop) {
        return (task, whenDone) ->
                loop.callSoon(() -> {
                    Throwable failure = null;
                    try {
                        task.run();
                    } catch (Throwable thrown) {
                        Unbearable.rethrow(thrown);
                        failure = thrown;
                    }
                    whenDone.accept(failure);
                });
    }
}
