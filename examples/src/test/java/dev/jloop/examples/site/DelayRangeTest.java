package dev.jloop.examples.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.stream.IntStream;

class DelayRangeTest {
    @Test
    void delaysStayInTheRangeAndUseItsWholeWidth() {
        var delays =
                IntStream.range(0, 2000)
                        .mapToObj(i -> DelayRange.DEFAULT.of("/page/" + i))
                        .toList();

        assertThat(delays).allMatch(delay -> delay.toMillis() >= 20 && delay.toMillis() <= 300);
        assertThat(delays)
                .anyMatch(delay -> delay.toMillis() < 40)
                .anyMatch(delay -> delay.toMillis() > 280);
    }

    @Test
    void aPathAlwaysHasTheSameDelay() {
        assertThat(DelayRange.DEFAULT.of("/a")).isEqualTo(DelayRange.DEFAULT.of("/a"));
        assertThat(DelayRange.NONE.of("/a")).isZero();
    }

    @Test
    void aRangeThatEndsBeforeItBeginsIsRefused() {
        assertThatThrownBy(() -> new DelayRange(Duration.ofMillis(2), Duration.ofMillis(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0.002S");
    }
}
