package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.SelectorEventLoop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Runs the body of a test as a coroutine of a fresh loop, and fails on reports that the test has
/// not taken.
final class TestRun {
    private static final Duration SAFETY_NET = Duration.ofSeconds(30);

    /// The body of a test.
    @FunctionalInterface
    interface Body {
        void run(TestRun run) throws Exception;
    }

    final EventLoop loop;
    private final List<LoopException> reports = new ArrayList<>();

    private TestRun(EventLoop loop) {
        this.loop = loop;
        loop.setExceptionHandler((_, report) -> reports.add(report));
    }

    static void onSockets(Body body) {
        run(SelectorEventLoop.builder().build(), body);
    }

    static void run(EventLoop loop, Body body) {
        var reports = runAndTakeReports(loop, body);
        assertThat(reports).as("reports nobody expected").isEmpty();
    }

    /// Runs the body and closes the loop.
    static List<LoopException> runAndTakeReports(EventLoop loop, Body body) {
        var run = new TestRun(loop);
        try (loop) {
            loop.runUntilComplete(() -> {
                var task = loop.currentTask();
                var net = loop.callLater(SAFETY_NET, () -> task.cancel("the test hangs"));
                try {
                    body.run(run);
                } finally {
                    net.cancel();
                }
            });
        }
        return run.takeReports();
    }

    /// {@return the reports so far, which the test expects}
    List<LoopException> takeReports() {
        var taken = List.copyOf(reports);
        reports.clear();
        return taken;
    }
}
