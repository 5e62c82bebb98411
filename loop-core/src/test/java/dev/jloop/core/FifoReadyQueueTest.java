package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Random;

class FifoReadyQueueTest {
    private final FifoReadyQueue queue = new FifoReadyQueue();

    @Test
    void itHandsOutWhatAPlainQueueDoesWhereverItsBlocksBeginAndEnd() {
        var random = new Random(7);
        var expected = new ArrayDeque<Runnable>();
        for (var turn = 0; turn < 2_000; turn++) {
            if (random.nextInt(3) == 0) {
                queue.renew();
            }
            add(expected, random.nextInt(turn % 10 == 0 ? 700 : 5));
            queue.startTurn();
            var inTurn = expected.size();
            add(expected, random.nextInt(3)); // for the next turn
            for (var i = 0; i < inTurn; i++) {
                assertThat(queue.next()).isSameAs(expected.poll());
            }
            assertThat(queue.next()).isNull();
            assertThat(queue.size()).isEqualTo(expected.size());
        }
    }

    private void add(ArrayDeque<Runnable> expected, int count) {
        for (var i = 0; i < count; i++) {
            var callback = new Numbered(i);
            queue.add(callback);
            expected.add(callback);
        }
    }

    private record Numbered(int number) implements Runnable {
        @Override
        public void run() {}
    }

    @Test
    void aCallbackThatWasHandedOutIsForgotten() {
        queue.add(new Numbered(1));
        queue.add(new Numbered(2));
        queue.startTurn();
        var handedOut = new WeakReference<>(queue.next());
        var end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (handedOut.get() != null) {
            assertThat(System.nanoTime()).as("the callback is kept").isLessThan(end);
            System.gc();
        }
        assertThat(queue.size()).isEqualTo(1);
    }
}
