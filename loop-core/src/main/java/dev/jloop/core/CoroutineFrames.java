package dev.jloop.core;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// The user's part of a coroutine's stack: without the machinery that suspends at its top and the
/// one that starts the body at its bottom.
final class CoroutineFrames {
    private static final String ENGINES = "dev.jloop.core.engine.";
    private static final List<String> SUSPENDING =
            List.of(
                    "java.lang.",
                    "jdk.internal.",
                    "java.util.concurrent.locks.LockSupport",
                    ENGINES,
                    CoroutineTask.class.getName(),
                    GeneratorRun.class.getName(),
                    Execution.class.getName(),
                    DefaultFuture.class.getName());
    private static final String STARTING = CurrentLoop.class.getName();

    /// Whoever takes the stack of its own thread.
    private static final List<String> LOOKING =
            List.of(TaskTree.class.getName(), LoopCapture.class.getName());

    private CoroutineFrames() {}

    /// {@return the user's part of the stack of a thread that runs, be it the one that asks}
    static List<StackTraceElement> ofRunning(Thread thread) {
        var frames = Arrays.asList(thread.getStackTrace());
        var first = 0;
        if (thread == Thread.currentThread()) {
            for (var i = 0; i < frames.size(); i++) {
                if (LOOKING.contains(frames.get(i).getClassName())) {
                    first = i + 1;
                }
            }
        }
        return withoutBottom(frames, first);
    }

    /// {@return the users' parts of the stacks of suspended coroutines, one after the other}
    static List<StackTraceElement> ofAll(List<CoroutineTask<?>> coroutines) {
        return coroutines.stream()
                .map(CoroutineTask::thread)
                .filter(Objects::nonNull)
                .flatMap(thread -> of(thread).stream())
                .toList();
    }

    private static List<StackTraceElement> of(Thread thread) {
        return ofSuspended(Arrays.asList(thread.getStackTrace()));
    }

    static List<StackTraceElement> ofSuspended(List<StackTraceElement> frames) {
        var first = belowSuspend(frames);
        while (first < frames.size() && isSuspending(frames.get(first))) {
            first++;
        }
        return withoutBottom(frames, first);
    }

    /// {@return the first frame below the engine's, or the first of all} On the engine `baton` the
    /// loop may look while the coroutine's thread still wakes that of the loop, in whatever the JDK
    /// does for it.
    private static int belowSuspend(List<StackTraceElement> frames) {
        for (var i = 0; i < frames.size(); i++) {
            var frame = frames.get(i);
            if (frame.getClassName().startsWith(ENGINES)
                    && frame.getMethodName().equals("suspend")) {
                return i + 1;
            }
        }
        return 0;
    }

    private static List<StackTraceElement> withoutBottom(
            List<StackTraceElement> frames, int first) {
        var end = frames.size();
        for (var i = first; i < frames.size(); i++) {
            if (frames.get(i).getClassName().equals(STARTING)) {
                end = i;
            }
        }
        while (end > first && isStarting(frames.get(end - 1).getClassName())) {
            end--;
        }
        return List.copyOf(frames.subList(first, end));
    }

    private static boolean isStarting(String type) {
        return type.startsWith("java.lang.ScopedValue")
                || type.startsWith("jdk.internal.vm.ScopedValue")
                || type.startsWith(GeneratorRun.class.getName())
                || type.equals(Bodies.class.getName());
    }

    private static boolean isSuspending(StackTraceElement frame) {
        return SUSPENDING.stream().anyMatch(frame.getClassName()::startsWith);
    }
}
