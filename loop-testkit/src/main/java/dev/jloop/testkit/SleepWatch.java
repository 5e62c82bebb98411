package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Looks now and then at what a loop does, and finds it in a sleep in real time. Nothing on a loop
/// has to sleep, so that one look is proof. Belongs to the thread of the test.
final class SleepWatch {
    /// Between two looks.
    static final Duration INTERVAL = Duration.ofMillis(2);

    private final Supplier<@Nullable Thread> busyThread;
    private final Set<StackTraceElement> places = new LinkedHashSet<>();
    private final List<Throwable> sleeps = new ArrayList<>();

    SleepWatch(Supplier<@Nullable Thread> busyThread) {
        this.busyThread = busyThread;
    }

    void look() {
        var thread = busyThread.get();
        if (thread == null || thread.getState() != Thread.State.TIMED_WAITING) {
            return;
        }
        var stack = thread.getStackTrace();
        var sleeper = sleeperIn(stack);
        if (sleeper != null && places.add(sleeper)) {
            var sleep = new Throwable("asleep in real time at " + sleeper);
            sleep.setStackTrace(stack);
            sleeps.add(sleep);
        }
    }

    /// {@return the frame that has called a sleep of the JDK which is still on; null where there is
    /// none}
    private static @Nullable StackTraceElement sleeperIn(StackTraceElement[] stack) {
        var asleep = false;
        for (var frame : stack) {
            var type = frame.getClassName();
            asleep |= type.equals(Thread.class.getName()) && frame.getMethodName().equals("sleep");
            if (!type.startsWith("java.") && !type.startsWith("jdk.")) {
                return asleep ? frame : null;
            }
        }
        return null;
    }

    /// {@return an error that names each place, or null if nothing slept}
    @Nullable AssertionError asFailure() {
        if (sleeps.isEmpty()) {
            return null;
        }
        var text =
                new StringBuilder(
                        "the loop slept in real time, while virtual time stood still and nothing"
                                + " else could run; use Async.sleep, or allow it by"
                                + " @LoopTest(realSleeps = true):");
        for (var place : places) {
            text.append(System.lineSeparator()).append("        at ").append(place);
        }
        var failure = new AssertionError(text.toString(), sleeps.getFirst());
        sleeps.stream().skip(1).forEach(failure::addSuppressed);
        return failure;
    }
}
