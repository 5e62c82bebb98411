package dev.jloop.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.TimedOutException;
import dev.jloop.testkit.LoopTest;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

class WaitForTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration FOR_EVER = Duration.ofDays(1);

    @LoopTest(seeds = 10)
    void itReturnsOnlyWhenTheCleanUpHasEnded(EventLoop loop) {
        var cleanedUp = new AtomicBoolean();
        var task =
                Async.createTask(() -> {
                    try {
                        Async.sleep(FOR_EVER);
                    } finally {
                        Async.sleep(Duration.ofSeconds(5));
                        cleanedUp.set(true);
                    }
                });

        assertThatThrownBy(() -> Async.waitFor(task, SECOND))
                .isInstanceOf(TimedOutException.class)
                .hasCauseInstanceOf(CancelledError.class);

        assertThat(cleanedUp).isTrue();
        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(6).toNanos());
        assertThat(task.isCancelled()).isTrue();
    }

    @LoopTest
    void aFutureThatIsDoneGivesItsValueWithoutAnyTime(EventLoop loop) {
        var future = loop.<String>createFuture();
        future.setResult("there");

        assertThat(Async.waitFor(future, Duration.ZERO)).isEqualTo("there");
        assertThat(Async.waitFor(future, SECOND.negated())).isEqualTo("there");
    }

    @LoopTest
    void withoutAnyTimeAPendingFutureIsCancelledAndABodyNotStarted(EventLoop loop) {
        var future = loop.<String>createFuture();
        var started = new AtomicBoolean();

        assertThatThrownBy(() -> Async.waitFor(future, Duration.ZERO))
                .isInstanceOf(TimedOutException.class);
        assertThat(future.isCancelled()).isTrue();
        assertThatThrownBy(() -> Async.waitFor(() -> started.getAndSet(true), Duration.ZERO))
                .isInstanceOf(TimedOutException.class);
        assertThat(started).isFalse();
    }

    @LoopTest(seeds = 10)
    void aTaskThatTurnsTheCancellationIntoAValueGivesThat() {
        var task =
                Async.createTask(() -> {
                    try {
                        Async.sleep(FOR_EVER);
                        return 0;
                    } catch (CancelledError suppressed) {
                        return 42;
                    }
                });

        assertThat(Async.waitFor(task, SECOND)).isEqualTo(42);
    }

    @LoopTest(seeds = 10)
    void cancellingTheWaiterCancelsTheInnerTask() {
        var inner = Async.createTask(() -> Async.sleep(FOR_EVER));
        var waiter = Async.createTask(() -> Async.waitFor(inner, FOR_EVER));
        Async.sleep(SECOND);

        waiter.cancel("waiter");

        assertThatThrownBy(waiter::await).isInstanceOf(CancelledError.class).hasMessage("waiter");
        assertThat(inner.isCancelled()).isTrue();
    }

    @LoopTest
    void aCancellationIsNotLostWhereTheInnerFutureEndsInTheSameTurn(EventLoop loop) {
        var inner = loop.<String>createFuture();
        var waiter = Async.createTask(() -> Async.waitFor(inner, FOR_EVER));
        Async.yieldNow();

        inner.setResult("ended");
        waiter.cancel();

        assertThatThrownBy(waiter::await).isInstanceOf(CancelledError.class);
        assertThat(inner.result()).isEqualTo("ended");
    }

    @LoopTest(seeds = 10)
    void aShieldedTaskGoesOnAfterTheTimeout() {
        var task =
                Async.createTask(() -> {
                    Async.sleep(Duration.ofSeconds(5));
                    return "completed";
                });

        assertThatThrownBy(() -> Async.waitFor(Async.shield(task), SECOND))
                .isInstanceOf(TimedOutException.class);

        assertThat(task.isDone()).isFalse();
        assertThat(task.await()).isEqualTo("completed");
    }
}
