package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.concurrent.TimeUnit;

class UnclosedLoopTest {
    private static final long SAFETY_NET_NANOS = TimeUnit.SECONDS.toNanos(20);

    @RegisterExtension final LogCapture log = new LogCapture();

    private static String abandon(boolean debug) {
        var loop = SelectorEventLoop.builder().debug(debug).build();
        loop.runUntilComplete(() -> {});
        return loop.name();
    }

    private ILoggingEvent awaitReport(String name) {
        var end = System.nanoTime() + SAFETY_NET_NANOS;
        while (true) {
            assertThat(System.nanoTime()).as("nothing is reported").isLessThan(end);
            System.gc();
            for (var event : log.events()) {
                if (event.getFormattedMessage().startsWith(name + " was never closed")) {
                    return event;
                }
            }
        }
    }

    @Test
    void aLoopThatNobodyCanCloseAnyMoreIsReported() {
        var name = abandon(false);

        var report = awaitReport(name);

        assertThat(report.getLevel()).isEqualTo(Level.WARN);
        assertThat(report.getFormattedMessage()).contains("debug mode tells");
        assertThat(report.getThrowableProxy()).isNull();
    }

    @Test
    void inDebugModeTheReportSaysWhereItWasCreated() {
        var name = abandon(true);

        var report = awaitReport(name);

        assertThat(report.getFormattedMessage()).doesNotContain("debug mode tells");
        assertThat(report.getThrowableProxy().getStackTraceElementProxyArray())
                .anyMatch(frame -> frame.getSTEAsString().contains("abandon"));
    }

    @Test
    void aLoopThatIsClosedIsNot() {
        String closed;
        try (var loop = SelectorEventLoop.builder().debug(false).build()) {
            closed = loop.name();
        }
        awaitReport(abandon(false));

        assertThat(log.messages()).noneMatch(message -> message.startsWith(closed + " "));
    }

    @Test
    void oneThatCouldNotBeMadeIsNot() {
        assertThat(
                        org.assertj.core.api.Assertions.catchThrowable(
                                () -> SelectorEventLoop.builder().engine("bogus").build()))
                .isInstanceOf(IllegalArgumentException.class);
        var name = abandon(false);
        awaitReport(name);

        assertThat(log.messages()).hasSize(1);
    }
}
