package dev.jloop.examples.crawl;

import static dev.jloop.examples.crawl.Records.fetched;
import static dev.jloop.examples.crawl.Records.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;

class CrawlSummaryTest {
    @Test
    void theSumOfAllResponseTimesStandsBesideTheWallTime() {
        var summary =
                CrawlSummary.of(
                        List.of(
                                fetched("/a", 0, 0, 100),
                                fetched("/b", 1, 100, 400),
                                record("/c", 1, 100, 300, new FetchOutcome.Failed("no"))));

        assertThat(summary.pages()).isEqualTo(2);
        assertThat(summary.failed()).isEqualTo(1);
        assertThat(summary.wireBytes()).isEqualTo(2000);
        assertThat(summary.words()).isEqualTo(200);
        assertThat(summary.wallTime()).isEqualTo(Duration.ofMillis(400));
        assertThat(summary.responseTime()).isEqualTo(Duration.ofMillis(600));
        assertThat(summary.times())
                .isEqualTo("400 ms; all response times add up to 600 ms, 1.5 times as much");
    }

    @Test
    void aCrawlOfNothingTookNoTime() {
        assertThat(CrawlSummary.of(List.of()).overlap()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 ms",
        "1400, 1.4 ms",
        "10000, 10 ms",
        "850000, 850 ms",
        "1210000, 1.21 s",
        "2000000, 2 s",
        "125000000, 2 min 5 s"
    })
    void timesAreWrittenInTheUnitThatFits(long micros, String text) {
        assertThat(Units.duration(Duration.ofNanos(micros * 1000))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1000, 1 kB", "1549, 1.5 kB", "3200000, 3.2 MB"})
    void bytesAreWrittenInTheUnitThatFits(long count, String text) {
        assertThat(Units.bytes(count)).isEqualTo(text);
    }
}
