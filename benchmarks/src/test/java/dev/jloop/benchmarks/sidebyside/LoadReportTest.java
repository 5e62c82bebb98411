package dev.jloop.benchmarks.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LoadReportTest {
    @Test
    void figuresAreForEachRequestAndInMicroseconds() {
        var report =
                LoadReport.parse("2000 nanos 500000000 cpu 9000000 p50 1500 p99 2500 p999 9000");
        var round = report.round(report.figure("cpu"), (double) report.requests(), 7_000L, 15_000L);

        assertThat(round.requestsPerSecond()).isEqualTo(4000);
        assertThat(round.cpuNanos()).isEqualTo(4500);
        assertThat(round.p50Micros()).isEqualTo(1.5);
        assertThat(round.p999Micros()).isEqualTo(9);
        assertThat(round.allocatedBytes()).isCloseTo(4, within(1e-9));
    }

    @Test
    void aServerThatTellsNoAllocationHasNone() {
        var report = LoadReport.parse("1 nanos 1 p50 1 p99 1 p999 1");

        assertThat(report.round(1, 1, null, null).allocatedBytes()).isNull();
    }

    @Test
    void aFigureThatIsMissingIsNamed() {
        var report = LoadReport.parse("1 p50 1");

        assertThatThrownBy(() -> report.figure("p99"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no p99");
    }

    @Test
    void halfAPairIsRefused() {
        assertThatThrownBy(() -> LoadReport.parse("1 p50"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("p50");
    }
}
