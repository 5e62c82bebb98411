package dev.jloop.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.testkit.LoopTest;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class TimeoutTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration FOR_EVER = Duration.ofDays(1);

    @LoopTest(seeds = 10)
    void theBodyIsCancelledAtTheDeadlineAndTheRequestTakenBack(EventLoop loop) {
        var scope = Timeout.after(SECOND);

        assertThatThrownBy(() -> scope.run(() -> Async.sleep(FOR_EVER)))
                .isInstanceOf(TimedOutException.class)
                .hasMessageContaining("PT1S")
                .hasCauseInstanceOf(CancelledError.class);

        assertThat(loop.time()).isEqualTo(SECOND.toNanos());
        assertThat(scope.expired()).isTrue();
        assertThat(Async.currentTask().cancelling()).isZero();
        Async.sleep(SECOND); // the task goes on
    }

    @LoopTest(seeds = 10)
    void aTaskThatEndsByATimeoutHasFailedAndWasNotCancelled() {
        var task = Async.createTask(() -> Timeout.after(SECOND).run(() -> Async.sleep(FOR_EVER)));

        assertThatThrownBy(task::await).isInstanceOf(TimedOutException.class);

        assertThat(task.isCancelled()).isFalse();
    }

    @LoopTest
    void aTimeoutAfterASwallowedCancellationIsStillATimeout() {
        var task =
                Async.createTask(() -> {
                    try {
                        Async.sleep(FOR_EVER);
                    } catch (CancelledError swallowed) {
                        Timeout.after(SECOND).run(() -> Async.sleep(FOR_EVER));
                    }
                });
        Async.yieldNow();
        task.cancel();

        assertThatThrownBy(task::await).isInstanceOf(TimedOutException.class);
    }

    @LoopTest
    void aBodyThatEndsInTimeGivesItsResultAndLeavesNoTimer(EventLoop loop) {
        var scope = Timeout.after(FOR_EVER);

        assertThat(
                        scope.call(() -> {
                            Async.sleep(SECOND);
                            return "done";
                        }))
                .isEqualTo("done");

        assertThat(scope.expired()).isFalse();
        assertThat(scope.deadline()).hasValue(FOR_EVER.toNanos());
        Async.sleep(FOR_EVER.multipliedBy(2));
    }

    @LoopTest
    void whatElseTheBodyThrowsPassesUnchanged() {
        var scope = Timeout.after(SECOND);
        var failure = new IOException("broken");

        assertThatThrownBy(() ->
                        scope.run(() -> {
                            throw failure;
                        }))
                .isSameAs(failure);
        assertThat(failure.getSuppressed()).isEmpty();
        assertThat(scope.expired()).isFalse();
    }

    @LoopTest(seeds = 10)
    void aCancellationFromOutsidePassesUnchanged() {
        var scope = Timeout.after(FOR_EVER);
        var task = Async.createTask(() -> scope.run(() -> Async.sleep(FOR_EVER)));
        Async.sleep(SECOND);

        task.cancel("from outside");

        assertThatThrownBy(task::await)
                .isInstanceOf(CancelledError.class)
                .hasMessage("from outside");
        assertThat(scope.expired()).isFalse();
    }

    @LoopTest
    void aFailureDuringTheExpiryCarriesTheTimeout() {
        var failure = new IOException("clean-up failed");

        assertThatThrownBy(() ->
                        Timeout.after(SECOND)
                                .run(() -> {
                                    try {
                                        Async.sleep(FOR_EVER);
                                    } catch (CancelledError cancellation) {
                                        throw failure;
                                    }
                                }))
                .isSameAs(failure);
        assertThat(failure.getSuppressed()).singleElement().isInstanceOf(TimedOutException.class);
    }

    @LoopTest(seeds = 10)
    void anotherTaskMayMoveTheDeadline(EventLoop loop) {
        var scope = Timeout.after(SECOND);
        var task = Async.createTask(() -> scope.run(() -> Async.sleep(FOR_EVER)));
        Async.sleep(Duration.ofMillis(500));

        scope.reschedule(Duration.ofSeconds(5).toNanos());

        assertThat(scope.deadline()).hasValue(Duration.ofSeconds(5).toNanos());
        assertThatThrownBy(task::await).isInstanceOf(TimedOutException.class);
        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(5).toNanos());
    }

    @LoopTest
    void aScopeWithoutADeadlineNeverExpires() {
        var scope = Timeout.after(SECOND);

        scope.run(() -> {
            scope.disable();
            assertThat(scope.deadline()).isEmpty();
            Async.sleep(FOR_EVER);
        });

        assertThat(scope.expired()).isFalse();
    }

    @LoopTest
    void aScopeThatIsNotActiveCannotBeRescheduledAndServesOnce() {
        var scope = Timeout.after(SECOND);
        assertThatThrownBy(() -> scope.reschedule(0)).isInstanceOf(IllegalStateException.class);

        assertThatThrownBy(() ->
                        scope.run(() -> {
                            try {
                                Async.sleep(FOR_EVER);
                            } finally {
                                assertThatThrownBy(() -> scope.reschedule(0))
                                        .isInstanceOf(IllegalStateException.class)
                                        .hasMessageContaining("expiring");
                            }
                        }))
                .isInstanceOf(TimedOutException.class);

        assertThatThrownBy(() -> scope.reschedule(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expired");
        assertThatThrownBy(() -> scope.run(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("once");
    }

    @LoopTest
    void aDeadlineInThePastExpiresAtTheFirstAwaitPoint(EventLoop loop) {
        Async.sleep(SECOND);
        var events = new ArrayList<String>();

        assertThatThrownBy(() ->
                        Timeout.at(0)
                                .run(() -> {
                                    events.add("began");
                                    Async.sleep(FOR_EVER);
                                    events.add("went on");
                                }))
                .isInstanceOf(TimedOutException.class);

        assertThat(events).isEqualTo(List.of("began"));
        assertThat(loop.time()).isEqualTo(SECOND.toNanos());
    }

    @LoopTest
    void aBodyThatAwaitsNothingNeverTimesOut() {
        assertThat(Timeout.after(Duration.ZERO).call(() -> "value")).isEqualTo("value");
        Async.yieldNow();
    }

    @LoopTest(seeds = 10)
    void ofNestedScopesTheOneWhoseDeadlineComesFirstExpires(EventLoop loop) {
        var outer = Timeout.after(SECOND);
        var inner = Timeout.after(FOR_EVER);

        assertThatThrownBy(() -> outer.run(() -> inner.run(() -> Async.sleep(FOR_EVER))))
                .isInstanceOf(TimedOutException.class);

        assertThat(outer.expired()).isTrue();
        assertThat(inner.expired()).isFalse();
        assertThat(loop.time()).isEqualTo(SECOND.toNanos());
    }

    @LoopTest(seeds = 10)
    void nestedScopesOfOneDeadlineBothExpireAndLeaveNoRequest() {
        assertThatThrownBy(() ->
                        Timeout.after(SECOND)
                                .run(() -> Timeout.after(SECOND).run(() -> Async.sleep(FOR_EVER))))
                .isInstanceOf(TimedOutException.class);

        assertThat(Async.currentTask().cancelling()).isZero();
        Async.sleep(SECOND);
    }
}
