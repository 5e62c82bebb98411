package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Wrappers swallow a cancellation, and the task must end cancelled all the same.
class WrappedCancellationTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private LoopFuture<String> future() {
        return kit.loop().createFuture();
    }

    private static void awaitEnd(LoopFuture<?> future) {
        Async.waitAll(List.of(future));
    }

    @Test
    void aWrappedCancellationCountsAsCancelled() {
        kit.run(() -> {
            for (AsyncRunnable wrapping :
                    List.<AsyncRunnable>of(
                            this::awaitByReflection, this::awaitInFutureTask, this::wrapTwice)) {
                var task = Async.createTask(wrapping);
                Async.yieldNow();
                task.cancel("wrapped");
                awaitEnd(task);
                assertThat(task.isCancelled()).as(task.toString()).isTrue();
            }
        });
    }

    @SuppressWarnings("UnusedMethod") // called by reflection
    private void await() {
        future().await();
    }

    private void awaitByReflection() throws ReflectiveOperationException {
        getClass().getDeclaredMethod("await").invoke(this);
    }

    private void awaitInFutureTask() throws ExecutionException, InterruptedException {
        var wrapper = new FutureTask<>(() -> future().await());
        wrapper.run();
        wrapper.get();
    }

    private void wrapTwice() {
        try {
            future().await();
        } catch (CancelledError cancellation) {
            throw new IllegalStateException(new CompletionException(cancellation));
        }
    }

    @Test
    void aWrappedCancellationThatCameThroughAGatherCountsAsCancelledToo() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            Async.gather(List.of(future())).await();
                        } catch (CancelledError cancellation) {
                            throw new IllegalStateException(cancellation);
                        }
                    });
            Async.yieldNow();
            task.cancel();
            awaitEnd(task);
            assertThat(task.isCancelled()).as(task.toString()).isTrue();
        });
    }

    @Test
    void aWrappedCancellationThatNobodyAskedThisTaskForIsAFailure() {
        kit.run(() -> {
            var future = future();
            var task =
                    Async.createTask(() -> {
                        try {
                            future.await();
                        } catch (CancelledError cancellation) {
                            throw new IllegalStateException("of the future", cancellation);
                        }
                    });
            Async.yieldNow();
            future.cancel();
            awaitEnd(task);
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.exception()).isInstanceOf(IllegalStateException.class);
        });
    }

    /// Not caught by the JVM: whoever follows such a chain has to see the circle.
    private static RuntimeException withCircularCause() {
        var first = new IllegalStateException("first");
        first.initCause(new IllegalStateException("second", first));
        return first;
    }

    private static RuntimeException withFailingCause() {
        return new IllegalStateException("cause unknown") {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Throwable getCause() {
                throw new UnsupportedOperationException("no cause");
            }
        };
    }

    @Test
    void aChainOfCausesThatCannotBeFollowedToItsEndIsAFailure() {
        for (var failure : List.of(withCircularCause(), withFailingCause())) {
            kit.run(() -> {
                var task =
                        Async.createTask(() -> {
                            try {
                                future().await();
                            } finally {
                                throwIt(failure);
                            }
                        });
                Async.yieldNow();
                task.cancel();
                awaitEnd(task);
                assertThat(task.exception()).isSameAs(failure);
            });
        }
    }

    private static void throwIt(RuntimeException failure) {
        throw failure;
    }
}
