package dev.jloop.examples.crawl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;

class TimeAxisTest {
    @ParameterizedTest
    @CsvSource({"0, 0.1", "7, 1", "100, 10", "1210, 200", "60000, 10000", "86400000, 10000000"})
    void marksStandAtRoundTimes(long millis, double stepMillis) {
        var axis = TimeAxis.upTo(Duration.ofMillis(millis));

        assertThat(axis.ticks()).hasSizeBetween(4, 12).startsWith(Duration.ZERO);
        assertThat(axis.ticks().get(1)).isEqualTo(Duration.ofNanos((long) (stepMillis * 1e6)));
        assertThat(axis.end()).isPositive();
    }
}
