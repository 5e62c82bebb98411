package dev.jloop.benchmarks.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.List;

class SummaryTest {
    @Test
    void theMedianIsTheMiddleOne() {
        assertThat(Summary.of(List.of(9.0, 1.0, 2.0))).isEqualTo(new Summary(2, 1, 9));
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
        assertThat(Summary.of(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(new Summary(3, 1, 9));
    }

    @Test
    void noFiguresHaveNoMedian() {
        assertThatThrownBy(() -> Summary.of(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRatioComparesRoundsThatWereMeasuredTogether() {
        var baseline = List.of(round(1000), round(4000));
        var result = Result.of("peer", List.of(round(2000), round(4000)), baseline, null);

        assertThat(result.cpuRatio()).isEqualTo(new Summary(1.5, 1, 2));
    }

    private static Round round(double cpuNanos) {
        return new Round(1, 1, 1, 1, cpuNanos, null);
    }
}
