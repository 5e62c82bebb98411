package dev.jloop.examples.crawl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.PrintWriter;
import java.io.StringWriter;

class ProgressDisplayTest {
    private final StringWriter output = new StringWriter();
    private final PrintWriter out = new PrintWriter(output);

    @Test
    void plainLinesComeForEachTenthAndNotMoreOften() {
        var display = new PlainProgress(out, 100);
        for (int ended = 0; ended <= 100; ended++) {
            display.show(status(100, ended, 0));
            display.show(status(100, ended, 0));
        }
        display.finish(status(100, 100, 0));

        assertThat(output.toString().lines())
                .hasSize(11)
                .startsWith("0 of 100 pages, 0 B, 0 in flight, 0 failed")
                .endsWith("100 of 100 pages, 100 kB, 0 in flight, 0 failed");
    }

    @Test
    void aLeapOverSeveralTenthsIsOneLine() {
        var display = new PlainProgress(out, 10);
        display.show(status(10, 0, 0));
        display.show(status(10, 7, 0));
        display.show(status(10, 7, 0));

        assertThat(output.toString().lines()).hasSize(2);
    }

    @Test
    void theLiveBarIsWrittenOverAndLeavesNothingOfALongerOne() {
        var display = new LiveProgress(out, 4, false, false);
        display.show(new CrawlStatus(4, 0, 100, 0, 0, 0, 0));
        display.show(status(4, 2, 0));
        display.finish(status(4, 4, 0));

        var lines = output.toString().split("\r", -1);
        assertThat(lines).hasSize(4);
        assertThat(lines[1])
                .startsWith(".".repeat(30) + " 0/4 pages, 0 B, 100 in flight, 0 failed");
        assertThat(lines[2]).startsWith("#".repeat(15) + ".".repeat(15) + " 2/4 pages, 2 kB");
        assertThat(lines[2].length()).isGreaterThanOrEqualTo(lines[1].length());
        assertThat(lines[3]).startsWith("#".repeat(30) + " 4/4").endsWith(System.lineSeparator());
    }

    @Test
    void coloursAreUsedOnlyWhereWanted() {
        new LiveProgress(out, 4, false, true).show(status(4, 2, 1));
        assertThat(output.toString()).contains("█").doesNotContain("\u001B");

        new LiveProgress(out, 4, true, true).show(status(4, 2, 1));
        assertThat(output.toString()).contains("\u001B[31m", "\u001B[0m");
    }

    @Test
    void aCrawlThatHasFoundNothingYetCanBeShown() {
        new LiveProgress(out, 0, false, false).show(status(0, 0, 0));
        new PlainProgress(out, 0).show(status(0, 0, 0));

        assertThat(output.toString()).contains("0/1 pages", "0 of 1 pages");
    }

    private static CrawlStatus status(int found, int ended, int failed) {
        return new CrawlStatus(found, found - ended, 0, ended - failed, failed, 0, 1000L * ended);
    }
}
