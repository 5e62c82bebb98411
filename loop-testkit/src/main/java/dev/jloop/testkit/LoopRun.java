package dev.jloop.testkit;

import dev.jloop.core.CancelledError;
import dev.jloop.core.LoopException;
import dev.jloop.core.Task;
import dev.jloop.core.ThrowingRunnable;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// One run of one test method on a loop of its own. Belongs to the thread of the test.
///
/// OPEN -finish-> FINISHED; OPEN -the loop does not stop-> ABANDONED. A loop that was abandoned and
/// stops after all is closed by the thread that it has run on.
final class LoopRun {
    private enum State {
        OPEN,
        FINISHED,
        ABANDONED
    }

    /// Who sees to it that the loop is closed after a piece of work.
    private enum Work {
        ON,
        DONE,
        ABANDONED
    }

    private static final String LINE = System.lineSeparator();

    /// How long a loop may take to answer or to stop, once the test has failed anyway.
    private static final Duration LAST_CHANCE = Duration.ofSeconds(1);

    /// The threshold that holds without debug mode: a first test loads many classes.
    private static final Duration SLOW_CALLBACK = Duration.ofSeconds(1);

    private static final int EVENTS_TOLD = 20;

    private static final String TIMED_OUT = "the test timed out";
    private static final String INTERRUPTED = "the test was interrupted";
    private static final String OVER = "the test is over";

    private final RunSchedule schedule;
    private final RunSettings settings;
    private final Duration timeout;
    private final LeftThreads threads;
    private final VirtualTimeLoop loop;
    private final Random random;
    private final FailureReports reports = new FailureReports();
    private final Leaks leaks;
    private final SleepWatch sleeps;
    private final Strays strays;
    private final Consumer<LoopException> stray;
    private State state = State.OPEN;

    /// Whether it tells of what earlier tests have left.
    private boolean tellsOfStrays = true;

    private final AtomicReference<@Nullable Throwable> thrownByBody = new AtomicReference<>();

    private boolean bodyFailed;

    /// What was thrown in its place, while the body may have gone on.
    private @Nullable Throwable givenUpFor;

    /// At the end of the body; empty before.
    private OptionalLong hash = OptionalLong.empty();

    /// Those before the end of the body.
    private List<Trace.Event> events = List.of();

    /// @param name of the test
    /// @param strays what comes from earlier tests, and takes what comes after this one
    LoopRun(RunSchedule schedule, RunSettings settings, String name, Strays strays) {
        this.schedule = schedule;
        this.settings = settings;
        this.strays = strays;
        stray = report -> strays.add(name, report);
        timeout = settings.timeout();
        threads = LeftThreads.since(settings.allowThreads(), settings.alone());
        loop = VirtualTimeLoop.under(schedule);
        random = Seeds.ofTest(schedule.seed().orElse(0));
        leaks = new Leaks(loop);
        sleeps = loop.watchSleeps();
        loop.setExceptionHandler(reports);
        loop.tellLeaksTo(leaks);
        loop.setDebug(true); // for the creation sites
        loop.setSlowCallbackDuration(SLOW_CALLBACK);
        settings.virtualLimit().ifPresent(loop::setVirtualLimit);
        if (!settings.realSockets()) {
            loop.refuseRealChannels();
        }
    }

    /// Leaves what comes from earlier tests to others: this run looks into a failure, and who comes
    /// from elsewhere has nothing to do with it.
    void leaveStrays() {
        tellsOfStrays = false;
    }

    VirtualTimeLoop loop() {
        return loop;
    }

    Random random() {
        return random;
    }

    boolean usesRealSockets() {
        return settings.realSockets();
    }

    RunSchedule schedule() {
        return schedule;
    }

    /// {@return what happened last before the body ended, in lines with a break before each}
    String lastEvents() {
        var last = events.subList(Math.max(0, events.size() - EVENTS_TOLD), events.size());
        return last.isEmpty()
                ? ""
                : LINE
                        + "The last events before the end of the body:"
                        + last.stream()
                                .map(event -> LINE + "    " + event)
                                .collect(Collectors.joining());
    }

    boolean hasRunBody() {
        return hash.isPresent();
    }

    boolean bodyFailed() {
        return bodyFailed;
    }

    /// {@return the hash of what has happened up to the end of the body}
    long hashOfBody() {
        return hash.orElseGet(() -> loop.trace().hash());
    }

    /// {@return the hash of what counts: up to the end of the body if that has failed, and of all
    /// otherwise}
    long hash() {
        return bodyFailed ? hashOfBody() : loop.trace().hash();
    }

    /// {@return whether the loop did not stop, and may go on in another thread}
    boolean isAbandoned() {
        return state == State.ABANDONED;
    }

    /// Runs `body` as the main coroutine, and throws what it throws.
    void runBody(ThrowingRunnable<Throwable> body) throws Throwable {
        var main =
                loop.createTask(
                        () -> {
                            try {
                                body.run();
                            } catch (Throwable failure) {
                                thrownByBody.set(failure); // told by the thread of the test
                            }
                        },
                        "test");
        try {
            supervise(() -> loop.runUntilComplete(main), main);
            rethrow(thrownByBody.get());
        } catch (Throwable failure) {
            bodyFailed = true;
            givenUpFor = failure;
            var network = loop.networkOrNull();
            if (network != null && state == State.OPEN) {
                failure.addSuppressed(new NetworkAtFailure(network));
            }
            throw failure;
        } finally {
            hash = OptionalLong.of(loop.trace().hash());
            events = loop.trace().events();
        }
    }

    /// Adds what the body has thrown when nobody waited for it any more. Once: a run may be
    /// finished again.
    private void tellWhatTheBodyThrewLate() {
        var late = thrownByBody.getAndSet(null);
        if (late != null && late != givenUpFor && !isByKit(late)) {
            addTo(givenUpFor, late);
        }
    }

    private static boolean isByKit(Throwable failure) {
        return failure instanceof CancelledError cancellation
                && List.of(TIMED_OUT, INTERRUPTED, OVER)
                        .contains(String.valueOf(cancellation.reason()));
    }

    /// Ends the loop after the test and what belongs to it.
    ///
    /// @param failed whether the test has failed anyway, so that pending tasks mean nothing
    /// @throws AssertionError if tasks or failures are left
    void finish(boolean failed) throws Throwable {
        if (state != State.OPEN) {
            tellWhatTheBodyThrewLate();
            return;
        }
        state = State.FINISHED;
        try {
            supervise(this::closeLoop, null);
        } catch (Throwable closingFailed) {
            addTo(closingFailed, whatElse(failed));
            throw closingFailed;
        } finally {
            tellWhatTheBodyThrewLate();
        }
        if (!failed) {
            leaks.addThreads(threads.stillRunning());
        }
        var own = whatElse(failed);
        var isForStrays = own == null && !failed && tellsOfStrays;
        rethrow(isForStrays ? strays.takeAsFailure() : own);
    }

    /// {@return what has come to light beside what the test has failed with; null for nothing}
    private @Nullable AssertionError whatElse(boolean failed) {
        var reported = reports.end(stray);
        return failed
                ? reported // what a failed test leaves behind means nothing
                : combined(refusedChannels(), sleeps.asFailure(), leaks.asFailure(), reported);
    }

    /// {@return the first failure that there is, with the others suppressed; null without any}
    private static @Nullable AssertionError combined(@Nullable AssertionError... failures) {
        AssertionError main = null;
        for (var failure : failures) {
            if (main == null) {
                main = failure;
            } else {
                addTo(main, failure);
            }
        }
        return main;
    }

    private @Nullable AssertionError refusedChannels() {
        AssertionError failure = null;
        for (var refusal : loop.refusedChannels()) {
            if (failure == null) {
                failure = new AssertionError(refusal.getMessage(), refusal);
            } else {
                failure.addSuppressed(refusal);
            }
        }
        return failure;
    }

    private static void addTo(@Nullable Throwable main, @Nullable Throwable other) {
        if (main != null && other != null) {
            main.addSuppressed(other);
        }
    }

    private static void rethrow(@Nullable Throwable failure) throws Throwable {
        if (failure != null) {
            throw failure;
        }
    }

    /// Finds what is left over, ends it, and closes the loop.
    private void closeLoop() {
        try (loop) {
            if (loop.isClosed()) {
                return; // the test has done it, and what was left is in the reports
            }
            loop.liftVirtualLimit();
            loop.runReady(); // lets tasks end that were cancelled and not awaited
            var pending = loop.pendingTasks(false);
            var left = pending.stream().filter(task -> task.cancelling() == 0).toList();
            var cleanedUp = pending.stream().filter(task -> task.cancelling() > 0).toList();
            leaks.addTimers(loop.forgottenTimers());
            leaks.addTasks(left.stream().filter(task -> !loop.mayStay(task)).toList());
            loop.cancelAndJoin(left, OVER);
            loop.join(pending); // those cancelled by the test may still be cleaning up
            leaks.addTimers(forgottenBy(cleanedUp));
        }
    }

    /// {@return the timers that tasks have not cancelled before they ended}
    private List<ForegroundTimers.Entry> forgottenBy(List<Task<?>> tasks) {
        return loop.forgottenTimers().stream()
                .filter(entry -> entry.setBy() != null && tasks.contains(entry.setBy()))
                .toList();
    }

    /// Runs something on the loop that must end within the timeout, on a thread that can be
    /// abandoned if it does not.
    private void supervise(Runnable work, @Nullable Task<?> main) throws Throwable {
        var thrown = new AtomicReference<@Nullable Throwable>();
        var progress = new AtomicReference<>(Work.ON);
        var thread =
                Thread.ofPlatform()
                        .group(threads.group())
                        .daemon()
                        .name("loop-test")
                        .start(() -> {
                            try {
                                work.run();
                            } catch (Throwable failure) {
                                thrown.set(failure); // thrown below, on the thread of the test
                            } finally {
                                if (!progress.compareAndSet(Work.ON, Work.DONE)) {
                                    closeAbandoned(thrown.get());
                                }
                            }
                        });
        try {
            if (!joinAndWatch(thread)) {
                throw timedOut(thread, main, progress);
            }
        } catch (Throwable failure) {
            if (state != State.ABANDONED && thread.isAlive()) {
                stop(thread, main, progress, INTERRUPTED);
                if (state == State.ABANDONED && main != null) {
                    addTo(failure, reports.end(stray)); // finish() will not come to it
                }
            }
            throw failure;
        }
        rethrow(thrown.get());
    }

    /// Closes the loop when nobody waits for it any more, and keeps what has ended it, and what it
    /// cannot be closed for.
    private void closeAbandoned(@Nullable Throwable end) {
        if (end != null) {
            stray.accept(LoopException.of("the loop that its test has left behind failed", end));
        }
        try {
            loop.close();
        } catch (Throwable failure) {
            stray.accept(
                    LoopException.of(
                            "the loop that its test has left behind could not be closed", failure));
        }
    }

    /// {@return whether the thread has ended within the timeout}
    private boolean joinAndWatch(Thread thread) throws InterruptedException {
        if (settings.realSleeps()) {
            return thread.join(timeout);
        }
        var start = System.nanoTime();
        while (!thread.join(SleepWatch.INTERVAL)) {
            sleeps.look();
            if (System.nanoTime() - start >= timeout.toNanos()) {
                return false;
            }
        }
        return true;
    }

    private AssertionError timedOut(
            Thread thread, @Nullable Task<?> main, AtomicReference<Work> progress)
            throws InterruptedException {
        var dump = dump(thread);
        stop(thread, main, progress, TIMED_OUT);
        var error =
                new KitFailure(
                        "the test was not done after "
                                + timeout.toMillis()
                                + " ms of real time, at virtual time "
                                + Duration.ofNanos(loop.time())
                                + (state == State.ABANDONED
                                        ? "; its loop did not stop and goes on by itself"
                                        : "")
                                + ". Pending tasks:"
                                + LINE
                                + dump,
                        null,
                        "timeout");
        if (state == State.ABANDONED && main != null) {
            addTo(error, reports.end(stray)); // finish() will not come to it
        }
        return error;
    }

    /// {@return what the loop is doing, told by itself if it is able to}
    private String dump(Thread thread) throws InterruptedException {
        var dump = new CompletableFuture<String>();
        try {
            loop.callSoonThreadsafe(() -> dump.complete(TaskDump.treeOf(loop)));
            return dump.get(LAST_CHANCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException stuck) {
            // Its thread is stuck, so that only a capture can look at its tasks from this one.
            var frames = new StringBuilder(TaskDump.treeOf(loop));
            frames.append(LINE).append("    the loop is stuck; its thread:");
            for (var frame : thread.getStackTrace()) {
                frames.append(LINE).append("        at ").append(frame);
            }
            return frames.toString();
        } catch (ExecutionException | IllegalStateException closed) {
            return "    none could be asked for: " + closed;
        }
    }

    /// Cancels the main task, or whatever else runs, and gives up on a loop that goes on.
    private void stop(
            Thread thread, @Nullable Task<?> main, AtomicReference<Work> progress, String reason)
            throws InterruptedException {
        if (main != null && !loop.isClosed()) {
            loop.callSoonThreadsafe(() -> main.cancel(reason));
        }
        var stopped = main != null && thread.join(LAST_CHANCE);
        if (!stopped && progress.compareAndSet(Work.ON, Work.ABANDONED)) {
            state = State.ABANDONED;
            thread.interrupt();
        }
    }
}
