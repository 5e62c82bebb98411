package dev.jloop.core;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.stream.Collectors;

/// What JDK Flight Recorder gets to know of the loops. While nothing is recorded, the JDK's methods
/// that are called here are empty, and the JIT compiler leaves nothing of an event.
final class FlightEvents {
    /// Asked whether turns are recorded; never committed.
    private static final Turn ANY_TURN = new Turn();

    private FlightEvents() {}

    @Name("jloop.Turn")
    @Label("Event Loop Turn")
    @Category("jloop")
    @Description(
            "A turn of an event loop: the callbacks that were ready, without the wait for them")
    @Threshold("10 ms")
    @StackTrace(false)
    static final class Turn extends Event {
        @Label("Event Loop")
        @Nullable String loop;

        @Label("Callbacks")
        @Description("Callbacks and steps of tasks that the turn has run")
        int callbacks;
    }

    @Name("jloop.Stall")
    @Label("Event Loop Stall")
    @Category("jloop")
    @Description("A callback or a step of a task that keeps its event loop from anything else")
    @StackTrace(false)
    static final class Stall extends Event {
        @Label("Event Loop")
        @Nullable String loop;

        @Label("Callback")
        @Nullable String callback;

        @Label("Busy For")
        @Description("How long it has run when the watchdog saw it; it goes on")
        @Timespan(Timespan.NANOSECONDS)
        long busyFor;

        @Label("Busy Stack")
        @Description("Where it was then")
        @Nullable String busyStack;
    }

    /// What the events of a task have in common.
    abstract static class TaskEvent extends Event {
        @Label("Event Loop")
        @Nullable String loop;

        @Label("Task Id")
        @Description("A number that no other task of the event loop has or gets")
        long taskId;

        @Label("Task")
        @Nullable String task;

        final void commitFor(CoroutineTask<?> subject) {
            loop = subject.loop().name();
            taskId = subject.id();
            task = subject.name();
            commitPadding();
            commit();
        }
    }

    @Name("jloop.TaskStart")
    @Label("Task Start")
    @Category("jloop")
    @Description("The body of a task begins")
    @StackTrace(false)
    static final class TaskStart extends TaskEvent {}

    @Name("jloop.TaskEnd")
    @Label("Task End")
    @Category("jloop")
    @Description("A task has ended, be it before its body began")
    @StackTrace(false)
    static final class TaskEnd extends TaskEvent {
        @Label("Outcome")
        @Description("finished, failed, or cancelled")
        @Nullable String outcome;
    }

    @Name("jloop.TaskCancel")
    @Label("Task Cancel")
    @Category("jloop")
    @Description("A request to cancel a task, with the stack of who makes it")
    static final class TaskCancel extends TaskEvent {
        @Label("Source")
        @Nullable String source;

        @Label("Reason")
        @Nullable String reason;

        @Label("Requested By")
        @Description("The task that makes the request")
        @Nullable String requestedBy;
    }

    @Name("dev.jloop.Padding")
    @Label("Padding")
    @Category("jloop")
    @Description("Without a meaning: the JDK may lose it in place of the event that follows")
    @StackTrace(false)
    static final class Padding extends Event {}

    /// The recorder of JDK 25 loses the first event that a platform thread commits after a virtual
    /// thread that it carries has committed one. That happens on the thread of a loop whose
    /// coroutines it carries, so another event goes first there.
    private static void commitPadding() {
        if (!Thread.currentThread().isVirtual()) {
            new Padding().commit();
        }
    }

    /// {@return an event that measures from now on; null while nobody records turns, so that a turn
    /// of the interpreter allocates nothing either}
    static @Nullable Turn beginTurn() {
        if (!ANY_TURN.isEnabled()) {
            return null;
        }
        var event = new Turn();
        event.begin();
        return event;
    }

    static void endTurn(@Nullable Turn event, SelectorEventLoop loop, int callbacks) {
        if (event == null) {
            return;
        }
        event.end();
        if (event.shouldCommit()) {
            commitPadding();
            event.loop = loop.name();
            event.callbacks = callbacks;
            event.commit();
        }
    }

    /// For the watchdog, on its thread.
    ///
    /// @param callback what keeps the loop busy, in words
    /// @param nanos how long it has done so
    /// @param stack where it is
    static void stalled(
            SelectorEventLoop loop, String callback, long nanos, StackTraceElement[] stack) {
        var event = new Stall();
        if (event.shouldCommit()) {
            event.loop = loop.name();
            event.callback = callback;
            event.busyFor = nanos;
            event.busyStack =
                    Arrays.stream(stack)
                            .map(StackTraceElement::toString)
                            .collect(Collectors.joining("\n"));
            event.commit();
        }
    }

    static void taskStarted(CoroutineTask<?> task) {
        var event = new TaskStart();
        if (event.shouldCommit()) {
            event.commitFor(task);
        }
    }

    /// @param outcome finished, failed, or cancelled
    static void taskEnded(CoroutineTask<?> task, String outcome) {
        var event = new TaskEnd();
        if (event.shouldCommit()) {
            event.outcome = outcome;
            event.commitFor(task);
        }
    }

    static void cancelRequested(CoroutineTask<?> task, Cancellation request) {
        var event = new TaskCancel();
        if (event.shouldCommit()) {
            event.source = request.source().name();
            event.reason = request.reason();
            event.requestedBy = request.requestedBy();
            event.commitFor(task);
        }
    }
}
