package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.stream.Stream;

/// The work that one loop has offloaded and that has not ended. Any thread, except where said.
final class WorkInProgress implements AutoCloseable {
    private final EventLoop loop;
    private final SequencedSet<OffloadedCall<?>> calls = new LinkedHashSet<>();

    /// How many of them are in the default executor.
    private int inDefaultExecutor;

    /// Each waits for that to be none.
    private final Set<Runnable> whenNone = new LinkedHashSet<>();

    private WorkInProgress(EventLoop loop) {
        this.loop = loop;
    }

    /// Loop thread.
    static WorkInProgress of(EventLoop loop) {
        return loop.service(WorkInProgress.class, WorkInProgress::new);
    }

    synchronized void add(OffloadedCall<?> call) {
        if (calls.add(call) && call.isInDefaultExecutor()) {
            inDefaultExecutor++;
        }
    }

    synchronized void remove(OffloadedCall<?> call) {
        if (!calls.remove(call) || !call.isInDefaultExecutor()) {
            return;
        }
        inDefaultExecutor--;
        if (inDefaultExecutor == 0) {
            var due = List.copyOf(whenNone);
            whenNone.clear();
            due.forEach(Runnable::run);
        }
    }

    private synchronized List<OffloadedCall<?>> snapshot() {
        return List.copyOf(calls);
    }

    /// Without those that are about to hand over their results.
    private Stream<OffloadedCall<?>> leftInDefaultExecutor() {
        return snapshot().stream().filter(call -> call.isInDefaultExecutor() && !call.hasEnded());
    }

    synchronized boolean hasNoneInDefaultExecutor() {
        return inDefaultExecutor == 0;
    }

    /// Runs `callback` once when there is no work in the default executor: now, or on the thread of
    /// the last work, which is still outside work then. Until then its bodies are waited for, also
    /// where nobody wants their results. Loop thread.
    ///
    /// @param callback short, as others wait behind it
    void onceNoneInDefaultExecutor(Runnable callback) {
        synchronized (this) {
            if (hasNoneInDefaultExecutor()) {
                callback.run();
            } else {
                whenNone.add(callback);
            }
        }
        updateOutsideWork();
    }

    /// Loop thread.
    void forget(Runnable callback) {
        synchronized (this) {
            whenNone.remove(callback);
        }
        updateOutsideWork();
    }

    private void updateOutsideWork() {
        snapshot().forEach(OffloadedCall::updateOutsideWork);
    }

    /// {@return whether somebody waits for the end of `call`, whatever its result}
    synchronized boolean isAwaited(OffloadedCall<?> call) {
        return call.isInDefaultExecutor() && !whenNone.isEmpty();
    }

    /// {@return whether the body of any has not ended}
    boolean isLeftInDefaultExecutor() {
        return leftInDefaultExecutor().findAny().isPresent();
    }

    /// {@return each piece of work in the default executor, and where it stands}
    List<String> describeDefaultExecutor() {
        return leftInDefaultExecutor().map(OffloadedCall::describe).toList();
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
