package dev.jloop.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Outcome;
import dev.jloop.core.Task;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.VirtualTimeLoop;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

class GatherTest {
    private static Task<String> after(int seconds, String value) {
        return Async.createTask(() -> {
            Async.sleep(Duration.ofSeconds(seconds));
            return value;
        });
    }

    private static <T> Task<T> failingAfter(int seconds, RuntimeException failure) {
        return Async.createTask(() -> {
            Async.sleep(Duration.ofSeconds(seconds));
            throw failure;
        });
    }

    @LoopTest(seeds = 10)
    void resultsComeInTheOrderOfTheArguments(EventLoop loop) {
        var results =
                Async.gather(List.of(after(3, "slow"), after(1, "fast"), after(2, "medium")))
                        .await();

        assertThat(results).isEqualTo(List.of("slow", "fast", "medium"));
        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(3).toNanos());
    }

    @LoopTest
    void aFutureThatComesTwiceIsAwaitedOnce() {
        var runs = new AtomicInteger();
        var task = Async.createTask(() -> runs.incrementAndGet());

        assertThat(Async.gather(List.of(task, task)).await()).isEqualTo(List.of(1, 1));
        assertThat(runs).hasValue(1);
    }

    @LoopTest
    void nothingToGatherIsDoneAtOnce() {
        assertThat(Async.gather(List.<LoopFuture<String>>of()).isDone()).isTrue();
    }

    @LoopTest(seeds = 10)
    void theFirstFailureComesAtOnceAndThoseAfterItAreNotReported(EventLoop loop) {
        var failure = new IllegalStateException("first");
        var slow = after(5, "slow");
        var gathered =
                Async.gather(
                        List.of(
                                GatherTest.<String>failingAfter(
                                        2, new IllegalStateException("second")),
                                GatherTest.<String>failingAfter(1, failure),
                                slow));

        assertThatThrownBy(gathered::await).isSameAs(failure);
        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(1).toNanos());
        assertThat(slow.await()).isEqualTo("slow"); // a sibling goes on
    }

    @LoopTest(seeds = 10)
    void settledOutcomesKeepTheirPlaces() {
        var failure = new IllegalStateException("failed");
        var cancelled = after(10, "never");
        var gathered =
                Async.gatherSettled(
                        List.of(
                                after(3, "value"),
                                GatherTest.<String>failingAfter(1, failure),
                                cancelled));
        Async.sleep(Duration.ofSeconds(2));
        cancelled.cancel("not you");

        var outcomes = gathered.await();

        assertThat(outcomes.get(0)).isEqualTo(new Outcome.Success<>("value"));
        assertThat(outcomes.get(1)).isEqualTo(new Outcome.Failure<String>(failure));
        assertThat(outcomes.get(2))
                .isInstanceOfSatisfying(
                        Outcome.Cancelled.class,
                        outcome -> assertThat(outcome.cancellation()).hasMessage("not you"));
    }

    @LoopTest
    void aCancelledChildFailsTheGatherWhichIsNotItselfCancelled() {
        var child = after(10, "never");
        var gathered = Async.gather(List.of(child, after(1, "other")));
        Async.sleep(Duration.ofSeconds(2));
        child.cancel("child");

        assertThatThrownBy(gathered::await).isInstanceOf(CancelledError.class).hasMessage("child");
        assertThat(gathered.isCancelled()).isFalse();
    }

    @LoopTest(seeds = 10)
    void cancellingTheAwaiterCancelsAllChildrenAlsoOfSettledGathers() {
        for (var settled : List.of(true, false)) {
            var children = List.of(after(10, "one"), after(20, "two"));
            var awaiter =
                    Async.createTask(() -> {
                        if (settled) {
                            Async.gatherSettled(children).await();
                        } else {
                            Async.gather(children).await();
                        }
                    });
            Async.sleep(Duration.ofSeconds(1));

            awaiter.cancel();

            assertThatThrownBy(awaiter::await).isInstanceOf(CancelledError.class);
            assertThat(children).allMatch(Task::isCancelled);
        }
    }

    @LoopTest
    void onceAllChildrenAreDoneItIsTooLateToCancel() {
        var gathered = Async.gather(List.of(after(1, "one")));
        gathered.await();

        assertThat(gathered.cancel()).isFalse();
    }

    @LoopTest
    void futuresOfDifferentLoopsAreRefused(EventLoop loop) {
        try (var other = VirtualTimeLoop.create()) {
            var foreign = other.<String>createFuture();
            assertThatThrownBy(() -> Async.gather(List.of(loop.<String>createFuture(), foreign)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(other.toString());
        }
    }
}
