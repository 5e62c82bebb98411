package dev.jloop.core.sync;

import static dev.jloop.core.sync.SyncFixture.assertCancelled;
import static dev.jloop.core.sync.SyncFixture.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.jloop.core.Async;
import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.List;

class AsyncEventTest {
    @RegisterExtension final SyncFixture kit = new SyncFixture();

    private final AsyncEvent event = new AsyncEvent();

    @Test
    void itWakesAllWhoWaitInTheOrderTheyCame() {
        kit.run(() -> {
            var tasks =
                    List.of(
                            kit.start("a", event::await),
                            kit.start("b", event::await),
                            kit.start("c", event::await));
            turns(2);
            assertThat(kit.calls).isEmpty();
            event.set();
            assertThat(kit.calls).isEmpty();
            turns(1);
            assertThat(kit.calls).containsExactly("a", "b", "c");
            Async.gather(tasks).await();
        });
    }

    @Test
    void whoWaitsForASetEventGoesOnAtOnce() {
        kit.run(() -> {
            var yielded = new boolean[1];
            kit.loop().callSoon(() -> yielded[0] = true);
            event.set();
            assertThat(event.isSet()).isTrue();
            event.await();
            event.await();
            assertThat(yielded[0]).isFalse();
        });
    }

    @Test
    void clearingItRightAfterSettingItStillWakesWhoWaits() {
        kit.run(() -> {
            var waiter = kit.start("waiter", event::await);
            turns(1);
            event.set();
            event.clear();
            turns(1);
            assertThat(waiter.isDone()).isTrue();
            assertThat(event.isSet()).isFalse();

            var late = kit.start("late", event::await);
            turns(3);
            assertThat(late.isDone()).isFalse();
            event.set();
            late.await();
        });
    }

    @Test
    void settingItTwiceIsNoError() {
        kit.run(() -> {
            var waiter = kit.start("waiter", event::await);
            turns(1);
            event.set();
            event.set();
            waiter.await();
        });
        assertThat(kit.calls).containsExactly("waiter");
    }

    @Test
    void aCancelledWaiterLeavesTheOthersAlone() {
        kit.run(() -> {
            var first = kit.start("first", event::await);
            var second = kit.start("second", event::await);
            turns(1);
            first.cancel();
            assertCancelled(first);
            assertThat(event.statistics()).isEqualTo(new AsyncEvent.Statistics(false, 1));
            event.set();
            second.await();
            assertThat(event.statistics()).isEqualTo(new AsyncEvent.Statistics(true, 0));
        });
        assertThat(kit.calls).containsExactly("second");
    }

    @Test
    void aWaiterCancelledAfterTheEventWasSetEndsAsCancelled() {
        kit.run(() -> {
            var waiter = kit.start("waiter", event::await);
            turns(1);
            event.set();
            waiter.cancel();
            assertCancelled(waiter);
        });
    }

    @Test
    void itMayBeSetWhereNoLoopRuns() {
        event.set();
        assertThat(event.isSet()).isTrue();
        event.clear();
        assertThat(event.isSet()).isFalse();
    }

    @Test
    void aCoroutineOfAnotherLoopIsRefused() {
        kit.run(() -> {
            var waiter = kit.start("waiter", event::await);
            turns(1);
            event.set();
            waiter.await();
            event.clear();
        });
        try (var other = SelectorEventLoop.builder().build()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> other.runUntilComplete(() -> event.await()))
                    .withMessageContaining(kit.loop().toString())
                    .withMessageContaining(other.toString());
        }
    }

    @Test
    void itSaysItsState() {
        kit.run(() -> {
            assertThat(event).hasToString("AsyncEvent[not set, waiters=0]");
            var waiter = kit.start("waiter", event::await);
            turns(1);
            assertThat(waiter.toString())
                    .contains("awaits LoopFuture[pending, for AsyncEvent[not set, waiters=1]]");
            event.set();
            assertThat(event).hasToString("AsyncEvent[set, waiters=0]");
            waiter.await();
        });
    }
}
