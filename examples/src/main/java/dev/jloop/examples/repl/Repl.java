package dev.jloop.examples.repl;

import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Runner;
import dev.jloop.executor.Offload;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/// Awaiting at the top level of jshell: a loop in the background runs what is awaited.
///
/// The loop starts with the first call and ends with the JVM, which cancels the tasks that are left
/// and waits up to five seconds for their clean-up. So tasks, servers and connections live from one
/// snippet to the next.
public final class Repl {
    private static final Repl SHARED = new Repl();

    /// A loop that is stuck would keep the JVM of the snippets for ever.
    private static final Duration CLEAN_UP = Duration.ofSeconds(5);

    private final CompletableFuture<LoopFuture<@Nullable Void>> started = new CompletableFuture<>();
    private final Thread host =
            Thread.ofPlatform().name("jloop repl").daemon().unstarted(this::run);

    private Repl() {
        host.start();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::close));
    }

    private void run() {
        try (var runner = new Runner().handleSignals(false)) {
            runner.run(() -> {
                var end = EventLoop.current().<@Nullable Void>createFuture("the end of jshell");
                started.complete(end);
                end.await();
            });
        } catch (Throwable failure) {
            started.completeExceptionally(failure);
            throw failure;
        }
    }

    private void close() {
        var end = started.join();
        end.loop().execute(() -> end.setResult(null));
        try {
            host.join(CLEAN_UP);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// {@return the loop in the background}
    public static EventLoop loop() {
        return SHARED.started.join().loop();
    }

    /// Runs a coroutine on the loop, and waits for it. An exception thrown into the waiting thread,
    /// as Ctrl-C does in jshell, cancels it.
    ///
    /// @param body the coroutine
    /// @param <T> the type of its result
    /// @return its result
    /// @throws java.util.concurrent.CompletionException if the body failed; the cause is what it
    ///   threw
    /// @throws java.util.concurrent.CancellationException if it was cancelled
    public static <T extends @Nullable Object> T await(Callable<T> body) {
        var result = Offload.runCoroutineThreadsafe(body, loop());
        try {
            return result.join();
        } finally {
            result.cancel(true); // of no effect once it has ended
        }
    }

    /// Runs a coroutine without a result: see [#await(Callable)].
    ///
    /// @param body the coroutine
    @SuppressWarnings(
            "overloads") // a lambda with a value and one without are told apart by their body
    public static void await(AsyncRunnable body) {
        Repl.<@Nullable Void>await(() -> {
            body.run();
            return null;
        });
    }
}
