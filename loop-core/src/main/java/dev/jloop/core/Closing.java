package dev.jloop.core;

import java.util.HashSet;
import java.util.Set;

/// The end of the tasks that a closing loop finds pending: each is reported and cancelled, all get
/// some turns to clean up, and what is left is cut off.
///
/// ```
/// OPEN -endTasks-> CANCELLING -no task left, or out of turns-> CUTTING_OFF -> OPEN
/// ```
final class Closing {
    private enum State {
        OPEN,
        CANCELLING,
        CUTTING_OFF
    }

    /// Clean-up awaits a few times, mostly what is there already. Nothing waits for time to pass
    /// here.
    private static final int TURNS = 100;

    /// How often a body may catch the cancellation and await again before it is left where it is.
    private static final int DELIVERIES = 10;

    /// How often all that is left gets its deliveries.
    private static final int PASSES = 100;

    static final Cancellation LOOP_CLOSED = Cancellation.byShutdown("the loop closed");

    private final SelectorEventLoop loop;
    private final LiveTasks tasks;
    private final Generators generators;
    private final Set<CoroutineTask<?>> reported = new HashSet<>();
    private State state = State.OPEN;

    Closing(SelectorEventLoop loop, LiveTasks tasks, Generators generators) {
        this.loop = loop;
        this.tasks = tasks;
        this.generators = generators;
    }

    /// Ends all tasks, and then all generators; these are not reported.
    ///
    /// @param turn runs one turn of the loop, which does not wait
    void endTasks(Runnable turn) {
        state = State.CANCELLING;
        try {
            for (var task : tasks.snapshot()) {
                reportPending(task);
                task.cancelAndWake(LOOP_CLOSED);
            }
            for (var i = 0; i < TURNS && !allEnded(); i++) {
                if (tasks.isEmpty()) {
                    generators.requestCloseAll(LOOP_CLOSED); // nobody iterates any more
                }
                turn.run();
            }
            state = State.CUTTING_OFF;
            cutAllOff();
        } finally {
            state = State.OPEN;
        }
    }

    /// One may hold what the clean-up of another waits for, so nobody is given up while any pass
    /// over all of them brings one to its end.
    private void cutAllOff() {
        for (var pass = 1; !allEnded(); pass++) {
            var left = tasks.snapshot();
            var runs = generators.snapshot();
            left.forEach(this::cutOff);
            runs.forEach(this::cutOffGenerator);
            var oneEnded =
                    left.stream().anyMatch(LoopFuture::isDone)
                            || runs.stream().anyMatch(LoopFuture::isDone);
            if (!oneEnded || pass >= PASSES) { // clean-up may start more and more
                tasks.snapshot().forEach(this::abandon);
                generators.snapshot().forEach(this::abandonGenerator);
            }
        }
    }

    private void cutOff(CoroutineTask<?> task) {
        reportPending(task);
        if (!task.isDone()) { // by the clean-up of another one
            task.cancelAndStep(LOOP_CLOSED);
        }
    }

    private void cutOffGenerator(GeneratorRun<?> run) {
        if (!run.isDone()) {
            run.cutOff();
        }
    }

    private void abandon(CoroutineTask<?> task) {
        tasks.remove(task);
        report(task, "a task refused to end when its loop closed, and is abandoned");
    }

    private void abandonGenerator(GeneratorRun<?> run) {
        generators.ended(run);
        loop.callExceptionHandler(
                LoopException.of(
                                "a generator refused to end when its loop closed, and is abandoned",
                                null)
                        .with("generator", run.source()));
    }

    private boolean allEnded() {
        return tasks.isEmpty() && generators.isEmpty();
    }

    private void reportPending(CoroutineTask<?> task) {
        if (reported.add(task)) {
            report(task, "a task was still pending when its loop closed");
        }
    }

    private void report(CoroutineTask<?> task, String message) {
        var report =
                Failures.withSite(
                        LoopException.of(message, null).with("task", task), task.createdAt());
        task.contextOfReports().run(() -> loop.callExceptionHandler(report));
    }

    /// {@return whether an await point has to throw at once}
    ///
    /// @param deliveries how often it did so for the task that asks
    boolean refusesToWait(int deliveries) {
        return state == State.CUTTING_OFF && deliveries < DELIVERIES;
    }
}
