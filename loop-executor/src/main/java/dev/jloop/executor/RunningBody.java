package dev.jloop.executor;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.TimeUnit;

/// How reports describe a thread that is busy with a body.
final class RunningBody {
    private static final List<String> OF_THE_JDK = List.of("java.", "jdk.", "sun.");

    private RunningBody() {}

    /// {@return since when and where a thread runs it}
    static String describe(@Nullable Thread thread, long startedNanos, boolean abandoned) {
        var millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
        var text = "has run for " + millis + " ms" + (abandoned ? ", cancelled meanwhile" : "");
        if (thread == null) {
            return text;
        }
        var frame = frameOfUser(thread.getStackTrace());
        return text
                + ", on thread '"
                + thread.getName()
                + "'"
                + (frame == null ? "" : ", at " + frame);
    }

    /// {@return the innermost frame that tells the reader something}
    private static @Nullable StackTraceElement frameOfUser(StackTraceElement[] stack) {
        for (var frame : stack) {
            if (OF_THE_JDK.stream().noneMatch(frame.getClassName()::startsWith)) {
                return frame;
            }
        }
        return stack.length == 0 ? null : stack[0];
    }
}
