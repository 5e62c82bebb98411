package dev.jloop.core.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.LoopException;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.util.ArrayList;
import java.util.List;

/// A loop for each test, and the order in which its tasks get somewhere. A test in which the loop
/// reports a failure fails.
final class SyncFixture implements BeforeEachCallback, AfterEachCallback {
    private final List<LoopException> reports = new ArrayList<>();

    /// Who has got somewhere, in order.
    final List<String> calls = new ArrayList<>();

    private SelectorEventLoop loop;

    @Override
    public void beforeEach(ExtensionContext context) {
        loop = SelectorEventLoop.builder().build();
        loop.setExceptionHandler((_, report) -> reports.add(report));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        loop.close();
        assertThat(reports).as("failures reported by the loop").isEmpty();
    }

    SelectorEventLoop loop() {
        return loop;
    }

    void run(AsyncRunnable body) {
        loop.runUntilComplete(body);
    }

    /// Starts a task that notes its name when it has run `body`.
    Task<Void> start(String name, AsyncRunnable body) {
        return loop.createTask(
                () -> {
                    body.run();
                    calls.add(name);
                },
                name);
    }

    /// Suspends until the task has ended, and checks that it did so as cancelled.
    static void assertCancelled(Task<?> task) {
        Async.waitAll(List.of(task));
        assertThat(task.isCancelled()).as(task + " is cancelled").isTrue();
    }

    static void turns(int count) {
        for (var i = 0; i < count; i++) {
            Async.yieldNow();
        }
    }
}
