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

    List<LoopException> reports() {
        return reports;
    }
}
