package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.Handle;
import dev.jloop.core.LoopException;
import dev.jloop.core.SelectorEventLoop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// A loop whose outside work and failure reports a test can look at.
final class CountingLoop extends SelectorEventLoop {
    private final List<LoopException> reports = new CopyOnWriteArrayList<>();

    private volatile CountDownLatch letsSubmittersGo = new CountDownLatch(0);

    CountingLoop() {
        super(builder());
        setExceptionHandler((_, report) -> reports.add(report));
    }

    /// From now on a thread that has submitted something is held up there until `released` is open.
    void holdSubmittersUntil(CountDownLatch released) {
        letsSubmittersGo = released;
    }

    @Override
    public Handle callSoonThreadsafe(Runnable callback) {
        var handle = super.callSoonThreadsafe(callback);
        while (letsSubmittersGo.getCount() > 0 && EventLoop.currentOrNull() != this) {
            Thread.onSpinWait();
        }
        return handle;
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
