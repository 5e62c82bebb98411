package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/// A loop for each test, on virtual time unless asked otherwise. A test in which the loop reports a
/// failure that the test does not take fails.
final class LoopFixture implements BeforeEachCallback, AfterEachCallback {
    final FakeClock clock = new FakeClock();
    final FakePoller poller = new FakePoller(clock);
    private final List<LoopException> reports = Collections.synchronizedList(new ArrayList<>());
    private final Consumer<SelectorEventLoop.Builder> parts;
    private @Nullable SelectorEventLoop loop;

    private LoopFixture(Consumer<SelectorEventLoop.Builder> parts) {
        this.parts = parts;
    }

    static LoopFixture onVirtualTime() {
        return onVirtualTime(_ -> {});
    }

    static LoopFixture onVirtualTime(Consumer<SelectorEventLoop.Builder> more) {
        var fixture = new LoopFixture[1];
        fixture[0] =
                new LoopFixture(builder -> {
                    builder.clock(fixture[0].clock).poller(fixture[0].poller);
                    more.accept(builder);
                });
        return fixture[0];
    }

    /// For channels: the loop's own selector, and real time.
    static LoopFixture onRealSelector() {
        return new LoopFixture(_ -> {});
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        var builder = SelectorEventLoop.builder().debug(false);
        parts.accept(builder);
        loop = builder.build();
        loop.setExceptionHandler((_, report) -> reports.add(report));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        loop().close();
        assertThat(reports).as("failures reported by the loop and not expected").isEmpty();
    }

    SelectorEventLoop loop() {
        if (loop == null) {
            throw new IllegalStateException("there is a loop in a test only");
        }
        return loop;
    }

    <T extends @Nullable Object> T run(Callable<T> body) {
        return loop().runUntilComplete(body);
    }

    @SuppressWarnings("overloads")
    void run(AsyncRunnable body) {
        loop().runUntilComplete(body);
    }

    /// Runs one turn, without a wait.
    void runOneTurn() {
        loop().stop();
        loop().runForever();
    }

    void runTurns(int count) {
        for (var i = 0; i < count; i++) {
            runOneTurn();
        }
    }

    /// Lets time pass, and runs what is due then.
    void advance(Duration step) {
        clock.advance(step);
        runTurns(4);
    }

    /// Gives what the loop has reported so far; the test expects it.
    List<LoopException> takeReports() {
        synchronized (reports) {
            var taken = List.copyOf(reports);
            reports.clear();
            return taken;
        }
    }

    LoopException takeOnlyReport() {
        var taken = takeReports();
        assertThat(taken).hasSize(1);
        return taken.getFirst();
    }
}
