package dev.jloop.executor;

import dev.jloop.core.LoopException;
import dev.jloop.core.SelectorEventLoop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A loop whose outside work and failure reports a test can look at.
final class CountingLoop extends SelectorEventLoop {
    private final List<LoopException> reports = new CopyOnWriteArrayList<>();

    CountingLoop() {
        super(builder());
        setExceptionHandler((_, report) -> reports.add(report));
    }

    int outsideWork() {
        return outsideWorkCount();
    }

    /// Waits until there are `count` pieces of outside work. A thread may be held up between saying
    /// that its work has ended and counting it down, while the loop has its result already.
    void awaitOutsideWork(int count) {
        while (outsideWorkCount() != count) {
            Thread.onSpinWait();
        }
    }

    List<LoopException> reports() {
        return reports;
    }
}
