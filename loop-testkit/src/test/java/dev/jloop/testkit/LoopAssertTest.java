package dev.jloop.testkit;

import static dev.jloop.testkit.LoopAssert.assertDoesNotYield;
import static dev.jloop.testkit.LoopAssert.assertTakes;
import static dev.jloop.testkit.LoopAssert.assertThat;
import static dev.jloop.testkit.LoopAssert.assertYields;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.LoopFuture;

import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

class LoopAssertTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /// {@return assertions about the failure of an assertion, which shows a pending task}
    private static AbstractThrowableAssert<?, ?> assertFails(ThrowingCallable assertion) {
        return assertThatThrownBy(assertion)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Tasks of the loop:")
                .hasMessageContaining("bystander: waits");
    }

    private static void startBystander(VirtualTimeLoop loop) {
        loop.background(() -> {
            Async.currentTask().rename("bystander");
            Async.sleep(Duration.ofDays(1));
        });
        Async.yieldNow();
        Async.yieldNow();
    }

    private static <T> LoopFuture<T> finished(VirtualTimeLoop loop, T result) {
        LoopFuture<T> future = loop.createFuture();
        future.setResult(result);
        return future;
    }

    private static LoopFuture<String> failed(VirtualTimeLoop loop, Throwable failure) {
        LoopFuture<String> future = loop.createFuture();
        future.setException(failure);
        return future;
    }

    @LoopTest
    void aPendingFutureIsToldFromADoneOne(VirtualTimeLoop loop) {
        startBystander(loop);
        LoopFuture<String> pending = loop.createFuture();

        assertThat(pending).isPending();
        assertThat(finished(loop, "x")).isDone();
        assertFails(() -> assertThat(pending).isDone())
                .hasMessageContaining("LoopFuture[pending] was to be done");
        assertFails(() -> assertThat(finished(loop, "x")).isPending())
                .hasMessageContaining("was to be pending");
    }

    @LoopTest
    void aResultIsCompared(VirtualTimeLoop loop) {
        startBystander(loop);
        var cause = new IOException("full");
        LoopFuture<String> pending = loop.createFuture();

        assertThat(finished(loop, "x")).hasResult("x");
        assertThat(finished(loop, new byte[] {1})).hasResult(new byte[] {1});
        assertFails(() -> assertThat(finished(loop, "x")).hasResult("y"))
                .hasMessageContaining("to have the result <y>");
        assertFails(() -> assertThat(pending).hasResult("y"));
        assertFails(() -> assertThat(failed(loop, cause)).hasResult("y")).hasCause(cause);
    }

    @LoopTest
    void aFailureIsComparedByTypeByTextOrByItself(VirtualTimeLoop loop) {
        startBystander(loop);
        var cause = new IOException("disk full");
        var future = failed(loop, cause);

        assertThat(future).hasFailed().hasFailed(IOException.class).hasFailed(Exception.class);
        assertThat(future).hasFailedWith(cause).hasFailedWith(IOException.class, "full");
        assertFails(() -> assertThat(future).hasFailed(IllegalStateException.class))
                .hasMessageContaining("java.lang.IllegalStateException")
                .hasCause(cause);
        assertFails(() -> assertThat(future).hasFailedWith(IOException.class, "empty"))
                .hasMessageContaining("says 'empty'");
        assertFails(() -> assertThat(future).hasFailedWith(new IOException("disk full")));
        assertFails(() -> assertThat(finished(loop, "x")).hasFailed());
        assertFails(() -> assertThat(future).isCancelled());
    }

    @LoopTest
    void aCancellationIsComparedByItsReasonAndItsSource(VirtualTimeLoop loop) {
        startBystander(loop);
        LoopFuture<String> future = loop.createFuture();
        future.cancel("the user left");
        LoopFuture<String> silent = loop.createFuture();
        silent.cancel();

        assertThat(future).isDone().isCancelled().isCancelledBy("the user left");
        assertThat(future).isCancelledBy(CancelledError.Source.EXPLICIT);
        assertThat(silent).isCancelledBy((String) null);
        assertFails(() -> assertThat(future).isCancelledBy("the server left"))
                .hasMessageContaining("with the reason 'the server left'")
                .hasCauseInstanceOf(CancelledError.class);
        assertFails(() -> assertThat(future).isCancelledBy(CancelledError.Source.DEADLINE));
        assertFails(() -> assertThat(future).hasFailed());
        assertFails(() -> assertThat(finished(loop, "x")).isCancelled());
    }

    @LoopTest
    void aTaskIsAFutureToo(VirtualTimeLoop loop) {
        var task = loop.createTask(() -> 5);

        assertThat(task).isPending();
        Async.waitAll(List.of(task));
        assertThat(task).hasResult(5);
    }

    @LoopTest
    void theTimeOfALoopIsExact(VirtualTimeLoop loop) {
        startBystander(loop);
        Async.sleep(SECOND);

        assertThat(loop).hasTime(SECOND);
        assertFails(() -> assertThat(loop).hasTime(SECOND.plusNanos(1)))
                .hasMessageContaining("PT1.000000001S, and is PT1S");
    }

    @LoopTest
    void aBodyTakesExactlyItsTime(VirtualTimeLoop loop) throws IOException {
        startBystander(loop);

        assertTakes(SECOND, () -> Async.sleep(SECOND));
        assertTakes(Duration.ZERO, LoopAssertTest::mayThrow);
        assertFails(() -> assertTakes(SECOND, () -> Async.sleep(SECOND.plusNanos(1))))
                .hasMessageContaining("to take PT1S of virtual time, and took PT1.000000001S");
    }

    private static void mayThrow() throws IOException {}

    @LoopTest(seeds = 20)
    void aBodyThatSuspendsIsToldFromOneThatDoesNot(VirtualTimeLoop loop) {
        startBystander(loop);
        var done = finished(loop, "x");

        assertYields(Async::yieldNow);
        assertYields(() -> Async.sleep(SECOND));
        assertYields(() -> Async.createTask(Async::yieldNow).await());
        assertDoesNotYield(done::await);
        assertDoesNotYield(() -> Async.createTask(() -> 1));
        assertFails(() -> assertYields(done::await)).hasMessageContaining("was to suspend");
        assertFails(() -> assertDoesNotYield(Async::yieldNow))
                .hasMessageContaining("was not to suspend");
    }

    @Test
    void timeAndYieldingNeedAVirtualLoop() {
        assertThatThrownBy(() -> assertTakes(SECOND, () -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("assertTakes works in code that runs on a VirtualTimeLoop");
        assertThatThrownBy(() -> Async.run(() -> assertYields(Async::yieldNow)))
                .hasMessageContaining("here runs SelectorEventLoop");
    }

    @Test
    void aLoopIsIdleWhenNothingCanHappenByItself() {
        try (var loop = VirtualTimeLoop.create()) {
            assertThat(loop).isIdle().hasPendingTasks(0);
            loop.callSoon(() -> {});
            assertThatThrownBy(() -> assertThat(loop).isIdle())
                    .hasMessageContaining("ready to run: 1");
            loop.runReady();
            assertThat(loop).isIdle();

            var timer = loop.callLater(SECOND, () -> {});
            assertThatThrownBy(() -> assertThat(loop).isIdle())
                    .hasMessageContaining("a timer is still to come");
            timer.cancel();
            assertThat(loop).isIdle();

            try (var _ = loop.beginOutsideWork("a parcel")) {
                assertThatThrownBy(() -> assertThat(loop).isIdle())
                        .hasMessageContaining("a parcel");
            }
            LoopFuture<String> never = loop.createFuture();
            var waiting = loop.createTask(never::await);
            loop.runReady();
            assertThat(loop).isIdle().hasPendingTasks(1);
            waiting.cancel();
            loop.runReady();
            assertThat(loop).hasPendingTasks(0);
        }
    }

    @LoopTest
    void pendingTasksAreCountedWithoutTheOneThatAsksAndTheBackground(VirtualTimeLoop loop) {
        startBystander(loop);
        assertThat(loop).hasPendingTasks(0);
        var task = loop.createTask(() -> Async.sleep(SECOND));

        assertThat(loop).hasPendingTasks(1);
        assertFails(() -> assertThat(loop).hasPendingTasks(2))
                .hasMessageContaining("2 tasks were to be pending, and 1 are");
        task.await();
    }
}
