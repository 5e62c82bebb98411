package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The work that one loop has offloaded and that has not ended. Any thread, except where said.
final class WorkInProgress implements AutoCloseable {
    private final EventLoop loop;
    private final SequencedSet<OffloadedCall<?>> calls = new LinkedHashSet<>();

    private WorkInProgress(EventLoop loop) {
        this.loop = loop;
    }

    /// Loop thread.
    static WorkInProgress of(EventLoop loop) {
        return loop.service(WorkInProgress.class, WorkInProgress::new);
    }

    synchronized void add(OffloadedCall<?> call) {
        calls.add(call);
    }

    synchronized void remove(OffloadedCall<?> call) {
        if (calls.remove(call)) {
            notifyAll();
        }
    }

    private synchronized List<OffloadedCall<?>> snapshot() {
        return List.copyOf(calls);
    }

    private Stream<OffloadedCall<?>> inDefaultExecutor() {
        return snapshot().stream().filter(OffloadedCall::isInDefaultExecutor);
    }

    boolean hasNoneInDefaultExecutor() {
        return inDefaultExecutor().findAny().isEmpty();
    }

    /// Blocks until there is no work in the default executor.
    ///
    /// @return false if the time was over first
    synchronized boolean awaitNoneInDefaultExecutor(long nanos) throws InterruptedException {
        var start = System.nanoTime();
        while (!hasNoneInDefaultExecutor()) {
            var left = nanos - (System.nanoTime() - start);
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /// {@return each piece of work in the default executor, and where it stands}
    List<String> describeDefaultExecutor() {
        return inDefaultExecutor().map(OffloadedCall::describe).toList();
    }

    /// Loop thread, in a loop that closes.
    @Override
    public void close() {
        var lost = snapshot().stream().filter(OffloadedCall::loopCloses).toList();
        if (!lost.isEmpty()) {
            loop.callExceptionHandler(
                    LoopException.of(
                                    loop
                                            + " was closed while "
                                            + lost.size()
                                            + " pieces of work waited for a token of their limiter;"
                                            + " they were dropped. Await"
                                            + " Offload.shutdownDefaultExecutor first, or use a"
                                            + " Runner, which does",
                                    null)
                            .with("work", lost.stream().map(OffloadedCall::label).toList()));
        }
    }
}
