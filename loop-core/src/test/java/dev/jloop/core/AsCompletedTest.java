package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

class AsCompletedTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private Task<String> after(int seconds) {
        return kit.loop()
                .createTask(() -> {
                    Async.sleep(Duration.ofSeconds(seconds));
                    return seconds + " s";
                });
    }

    @Test
    void itGivesTheVeryFuturesInTheOrderInWhichTheyAreDone() {
        kit.run(() -> {
            var slow = after(3);
            var fast = after(1);
            var middle = after(2);
            var order = new ArrayList<Task<String>>();
            for (var task : Async.asCompleted(List.of(slow, fast, middle))) {
                assertThat(task.isDone()).isTrue();
                order.add(task);
            }
            assertThat(order).containsExactly(fast, middle, slow);
        });
    }

    @Test
    void aFutureGivenTwiceComesOnce() {
        kit.run(() -> {
            var task = after(1);
            assertThat(Async.asCompleted(List.of(task, task))).containsExactly(task);
        });
    }

    @Test
    void nothingGivesNothing() {
        kit.run(() -> {
            assertThat(Async.asCompleted(List.<Task<String>>of())).isEmpty();
        });
    }

    @Test
    void theTimeoutCountsFromTheCallAndIsRaisedForEachThatIsLeft() {
        kit.run(() -> {
            var fast = after(1);
            var slow = after(10);
            var slower = after(20);
            var iterator =
                    Async.asCompleted(List.of(slower, slow, fast), Duration.ofSeconds(5))
                            .iterator();
            Async.sleep(Duration.ofSeconds(2));
            assertThat(iterator.next()).isSameAs(fast);
            for (var i = 0; i < 2; i++) {
                assertThat(iterator.hasNext()).isTrue();
                assertThatExceptionOfType(TimedOutException.class)
                        .isThrownBy(iterator::next)
                        .withMessageContaining("PT5S");
                assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(5).toNanos());
            }
            assertThat(iterator.hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(iterator::next);
            assertThat(slow.isDone()).isFalse();
            assertThat(Async.gather(List.of(slow, slower)).await()).containsExactly("10 s", "20 s");
        });
    }

    @Test
    void whatWasDoneBeforeTheTimeoutIsGivenOutAfterIt() {
        kit.run(() -> {
            var fast = after(1);
            var slow = after(10);
            var iterator = Async.asCompleted(List.of(slow, fast), Duration.ofSeconds(2)).iterator();
            Async.sleep(Duration.ofSeconds(3));
            assertThat(iterator.next()).isSameAs(fast);
            assertThatExceptionOfType(TimedOutException.class).isThrownBy(iterator::next);
            slow.cancel();
        });
    }

    @Test
    void aCancelledNextLosesNothing() {
        kit.run(() -> {
            var task = after(1);
            var iterator = Async.asCompleted(List.of(task)).iterator();
            var reader = Async.createTask(iterator::next);
            Async.yieldNow();
            reader.cancel();
            Async.waitAll(List.of(reader));
            assertThat(reader.isCancelled()).isTrue();
            assertThat(iterator.next()).isSameAs(task);
        });
    }

    @Test
    void aFinishedPassLeavesNoTimer() {
        kit.run(() -> {
            for (var task : Async.asCompleted(List.of(after(1)), Duration.ofDays(1))) {
                assertThat(task.result()).isEqualTo("1 s");
            }
            Async.sleep(Duration.ofSeconds(1));
        });
        assertThat(kit.poller.timeouts).doesNotContain(Duration.ofDays(1).toNanos());
        assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(2).toNanos());
    }

    @Test
    void thePassMayBeLeftAndGoneOnWith() {
        kit.run(() -> {
            var pass = Async.asCompleted(List.of(after(3), after(1), after(2)));
            var results = new ArrayList<String>();
            for (var task : pass) {
                results.add(task.result());
                break;
            }
            Async.sleep(Duration.ofSeconds(10));
            for (var task : pass) {
                results.add(task.result());
            }
            assertThat(results).containsExactly("1 s", "2 s", "3 s");
        });
    }
}
