package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.ref.WeakReference;
import java.time.Duration;

/// What a loop writes all the time is renewed after a garbage collection, and nothing is lost.
@Timeout(60)
class RenewalTest {
    private static final ContextVar<String> NAME = ContextVar.create("name");

    private final CountingQueue queue = new CountingQueue();

    @RegisterExtension
    final LoopFixture fixture = LoopFixture.onVirtualTime(builder -> builder.readyQueue(queue));

    private static final class CountingQueue implements ReadyQueue {
        private final FifoReadyQueue queue = new FifoReadyQueue();
        private int renewals;

        @Override
        public void add(Runnable callback) {
            queue.add(callback);
        }

        @Override
        public void startTurn() {
            queue.startTurn();
        }

        @Override
        public @Nullable Runnable next() {
            return queue.next();
        }

        @Override
        public int size() {
            return queue.size();
        }

        @Override
        public void clear() {
            queue.clear();
        }

        @Override
        public void renew() {
            renewals++;
            queue.renew();
        }
    }

    /// Until what nobody holds is gone.
    private static void collect() {
        var gone = new WeakReference<>(new Object());
        while (!gone.refersTo(null)) {
            System.gc();
        }
    }

    @Test
    void aLoopThatWaitsInEachTurnRenewsAfterACollection() {
        fixture.run(() -> {
            Async.sleep(Duration.ofMillis(1));
            var before = queue.renewals;
            collect();
            Async.sleep(Duration.ofMillis(1));
            Async.sleep(Duration.ofMillis(1));
            assertThat(queue.renewals).isGreaterThan(before);
        });
    }

    @Test
    void aLoopThatIsNeverIdleRenewsAfterACollectionAndKeepsTaskAndContext() {
        fixture.run(() -> {
            NAME.set("kept");
            var task = Async.currentTask();
            Async.yieldNow();
            var before = queue.renewals;
            collect();
            for (var turn = 0; turn < 200; turn++) {
                Async.yieldNow();
                assertThat(NAME.get()).isEqualTo("kept");
                assertThat(Async.currentTask()).isSameAs(task);
            }
            assertThat(queue.renewals).isGreaterThan(before);
        });
    }
}
