package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.testkit.VirtualTimeLoop;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

class PatienceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final AtomicInteger over = new AtomicInteger();

    /// {@return the time that passes until nothing is left to do}
    private Duration after(Consumer<Patience> body) {
        try (var loop = VirtualTimeLoop.create()) {
            var start = loop.time();
            loop.runUntilComplete(() -> {
                body.accept(new Patience(loop, over::incrementAndGet));
                return null;
            });
            loop.runUntilIdle();
            return Duration.ofNanos(loop.time() - start);
        }
    }

    @Test
    void itEndsAtTheLastDeadlineHoweverOftenThatMoved() {
        var end =
                after(patience -> {
                    for (var i = 0; i < 100; i++) {
                        patience.start(10 * SECOND);
                        Async.sleep(Duration.ofSeconds(1));
                        patience.stop();
                    }
                    patience.start(10 * SECOND);
                });
        assertThat(end).isEqualTo(Duration.ofSeconds(110));
        assertThat(over).hasValue(1);
    }

    @Test
    void atRestItIsNeverOver() {
        var end =
                after(patience -> {
                    patience.start(SECOND);
                    patience.stop();
                    Async.sleep(Duration.ofSeconds(5));
                    assertThat(patience.isOver()).isFalse();
                });
        assertThat(end).isEqualTo(Duration.ofSeconds(5));
        assertThat(over).hasValue(0);
    }

    @Test
    void whenItEndsItLeavesNoTimerBehind() {
        var end =
                after(patience -> {
                    patience.start(SECOND);
                    patience.end();
                });
        assertThat(end).isZero();
        assertThat(over).hasValue(0);
    }

    @Test
    void withoutAnyTimeItIsOverAtOnce() {
        var end =
                after(patience -> {
                    patience.start(0);
                    assertThat(patience.isOver()).isTrue();
                });
        assertThat(end).isZero();
    }
}
