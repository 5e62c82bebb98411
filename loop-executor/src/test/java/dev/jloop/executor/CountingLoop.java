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

    private volatile CountDownLatch beforeSubmission = new CountDownLatch(0);
    private volatile CountDownLatch afterSubmission = new CountDownLatch(0);
    private final CountDownLatch submitterHeld = new CountDownLatch(1);

    CountingLoop() {
        super(builder());
        setExceptionHandler((_, report) -> reports.add(report));
    }

    /// From now on a thread that is about to submit something is held up until `released` is open.
    void holdBeforeSubmission(CountDownLatch released) {
        beforeSubmission = released;
    }

    /// From now on a thread that has submitted something is held up until `released` is open.
    void holdAfterSubmission(CountDownLatch released) {
        afterSubmission = released;
    }

    /// {@return opens when a thread is held up}
    CountDownLatch submitterHeld() {
        return submitterHeld;
    }

    @Override
    public Handle callSoonThreadsafe(Runnable callback) {
        if (EventLoop.currentOrNull() == this) {
            return super.callSoonThreadsafe(callback);
        }
        awaitOpen(beforeSubmission);
        var handle = super.callSoonThreadsafe(callback);
        awaitOpen(afterSubmission);
        return handle;
    }

    private void awaitOpen(CountDownLatch released) {
        if (released.getCount() == 0) {
            return;
        }
        submitterHeld.countDown();
        var interrupted = false;
        while (released.getCount() > 0) {
            try {
                released.await();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
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
