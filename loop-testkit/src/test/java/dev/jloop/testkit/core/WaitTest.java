package dev.jloop.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;
import dev.jloop.core.TimedOutException;
import dev.jloop.testkit.LoopTest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

class WaitTest {
    private static Task<Integer> after(int seconds) {
        return Async.createTask(() -> {
            Async.sleep(Duration.ofSeconds(seconds));
            return seconds;
        });
    }

    private static Task<Integer> failingAfter(int seconds) {
        return Async.createTask(() -> {
            Async.sleep(Duration.ofSeconds(seconds));
            throw new IllegalStateException("failed after " + seconds);
        });
    }

    private static void cancelAll(Set<? extends LoopFuture<?>> futures) {
        futures.forEach(LoopFuture::cancel);
    }

    @LoopTest
    void whatEndsOneTurnLaterIsStillAmongTheDone() {
        var first =
                Async.createTask(() -> {
                    Async.yieldNow();
                });
        var second =
                Async.createTask(() -> {
                    Async.yieldNow();
                    Async.yieldNow();
                });

        var result = Async.waitAny(List.of(first, second));

        assertThat(result.done()).containsExactly(first, second);
        assertThat(result.pending()).isEmpty();
    }

    @LoopTest(seeds = 10)
    void aTimeoutLeavesTheFuturesAloneAndThrowsNothing(EventLoop loop) {
        var fast = after(1);
        var slow = after(10);

        var result = Async.waitAll(List.of(fast, slow), Duration.ofSeconds(5));

        assertThat(result.done()).containsExactly(fast);
        assertThat(result.pending()).containsExactly(slow);
        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(5).toNanos());
        assertThat(slow.await()).isEqualTo(10);
    }

    @LoopTest(seeds = 10)
    void aWaitForTheFirstFailureTakesNoCancellationForOne(EventLoop loop) {
        var cancelled = after(10);
        var failing = failingAfter(3);
        var slow = after(5);
        loop.callLater(Duration.ofSeconds(1), cancelled::cancel);

        var result = Async.waitFirstException(List.of(cancelled, failing, slow));

        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(3).toNanos());
        assertThat(result.done()).containsExactly(cancelled, failing);
        assertThat(failing.exception()).hasMessage("failed after 3");
        cancelAll(result.pending());
    }

    @LoopTest(seeds = 10)
    void cancellingTheWaitLeavesTheChildRunning() {
        var child = after(10);
        var waiter = Async.createTask(() -> Async.waitAll(List.of(child)));
        Async.sleep(Duration.ofSeconds(1));

        waiter.cancel();

        assertThatThrownBy(waiter::await).isInstanceOf(CancelledError.class);
        assertThat(child.await()).isEqualTo(10);
    }

    @LoopTest
    void nothingToWaitForIsRefused() {
        assertThatThrownBy(() -> Async.waitAll(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @LoopTest(seeds = 10)
    void futuresComeAsTheyAreCompletedAndAreTheVeryOnesThatWereGiven() {
        var slow = after(3);
        var fast = after(1);
        var seen = new ArrayList<Task<Integer>>();

        for (var task : Async.asCompleted(List.of(slow, fast, slow))) {
            seen.add(task);
        }

        assertThat(seen).containsExactly(fast, slow);
    }

    @LoopTest(seeds = 10)
    void theTimeoutOfAsCompletedCountsFromTheCallAndIsRaisedForEachThatIsLeft(EventLoop loop) {
        var fast = after(1);
        var slow = after(10);
        var slower = after(20);
        var order =
                Async.asCompleted(List.of(slow, fast, slower), Duration.ofSeconds(5)).iterator();
        Async.sleep(Duration.ofSeconds(3));

        assertThat(order.next()).isSameAs(fast);
        assertThatThrownBy(order::next)
                .isInstanceOf(TimedOutException.class)
                .hasMessageContaining("PT5S");
        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(5).toNanos());
        assertThat(order.hasNext()).isTrue();
        assertThatThrownBy(order::next).isInstanceOf(TimedOutException.class);
        assertThat(order.hasNext()).isFalse();
        assertThat(slow.await() + slower.await()).isEqualTo(30); // not cancelled
    }
}
