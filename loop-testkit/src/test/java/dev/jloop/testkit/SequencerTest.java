package dev.jloop.testkit;

import static dev.jloop.testkit.LoopAssert.assertDoesNotYield;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

class SequencerTest {
    private final Sequencer sequencer = new Sequencer();
    private final List<Integer> order = new ArrayList<>();

    @LoopTest(seeds = 30)
    void stepsRunInTheOrderOfTheirNumbersWhateverTheSchedule() {
        var tasks =
                IntStream.range(0, 3)
                        .mapToObj(first -> Async.createTask(() -> takeEveryThirdStep(first)))
                        .toList();
        Async.waitAll(tasks);

        assertThat(order).isEqualTo(IntStream.range(0, 12).boxed().toList());
    }

    private void takeEveryThirdStep(int first) {
        for (var number = first; number < 12; number += 3) {
            try (var _ = sequencer.step(number)) {
                order.add(number);
            }
        }
    }

    @LoopTest
    void aStepThatSuspendsIsNotOvertaken() {
        var slow =
                Async.createTask(() -> {
                    try (var _ = sequencer.step(0)) {
                        Async.sleep(Duration.ofSeconds(1));
                        order.add(0);
                    }
                });
        sequencer.await(1);
        order.add(1);

        assertThat(order).containsExactly(0, 1);
        slow.await();
    }

    @LoopTest
    void aStepWhoseTurnItIsDoesNotSuspend() {
        assertDoesNotYield(() -> sequencer.await(0));
        assertDoesNotYield(() -> sequencer.await(1));
    }

    @LoopTest
    void aStepThatFailsLetsTheNextOneBegin() {
        assertThatThrownBy(
                        () -> {
                            try (var _ = sequencer.step(0)) {
                                throw new IOException("in step 0");
                            }
                        })
                .hasMessage("in step 0");
        assertDoesNotYield(() -> sequencer.await(1));
    }

    @LoopTest
    void closingAStepAgainHasNoEffect() {
        var first = sequencer.step(0);
        first.close();
        var second = sequencer.step(1);
        first.close();
        var third = Async.createTask(() -> sequencer.await(2));
        Async.yieldNow();

        LoopAssert.assertThat(third).isPending();
        second.close();
        third.await();
    }

    @LoopTest
    void aNumberIsUsedOnce() {
        sequencer.await(0);

        assertThatThrownBy(() -> sequencer.step(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("step 0 was taken already, by Task[")
                .hasMessageContaining("test");
        assertThatThrownBy(() -> sequencer.step(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @LoopTest
    void aCallbackCannotWaitForItsTurnAndLeavesTheStepToOthers(EventLoop loop) {
        loop.callSoon(() ->
                assertThatThrownBy(() -> sequencer.step(1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("step 1")
                        .hasMessageContaining("callback"));
        loop.callSoon(() -> sequencer.step(0).close());
        Async.yieldNow();

        assertThatThrownBy(() -> sequencer.step(0))
                .hasMessageContaining("taken already, by a callback");
        sequencer.await(1);
    }

    @LoopTest(seeds = 10)
    void aTaskThatIsCancelledWhileItWaitsBreaksTheSequence() {
        var cancelled = Async.createTask(() -> sequencer.await(1), "impatient");
        var other = Async.createTask(() -> sequencer.await(2));
        Async.sleep(Duration.ofMillis(1));
        cancelled.cancel();
        Async.waitAll(List.of(cancelled, other));

        LoopAssert.assertThat(cancelled).isCancelled();
        LoopAssert.assertThat(other)
                .hasFailedWith(IllegalStateException.class, "waited for step 1")
                .hasFailedWith(IllegalStateException.class, "impatient");
        assertThatThrownBy(() -> sequencer.await(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("step 0 cannot begin: the sequence is broken");
    }

    @Test
    void aStepThatIsLeftOutIsADeadlockThatNamesTheOneThatWaits() {
        try (var loop = VirtualTimeLoop.create()) {
            assertThatThrownBy(() -> loop.runUntilComplete(() -> sequencer.await(3)))
                    .isInstanceOf(DeadlockException.class)
                    .hasMessageContaining("step 3 of a sequencer");
        }
    }
}
