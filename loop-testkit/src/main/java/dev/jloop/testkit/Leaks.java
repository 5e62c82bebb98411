package dev.jloop.testkit;

import dev.jloop.core.LoopException;
import dev.jloop.core.Task;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// What one test has left behind, kind by kind.
final class Leaks {
    private static final String LINE = System.lineSeparator();

    private final VirtualTimeLoop loop;
    private final List<String> paragraphs = new ArrayList<>();
    private final List<LoopException> unclosed = new CopyOnWriteArrayList<>();

    Leaks(VirtualTimeLoop loop) {
        this.loop = loop;
    }

    /// {@return whether this was a transport, server or datagram endpoint left open, and is a leak}
    boolean takes(LoopException report) {
        var leaked = leakedIn(report);
        if (leaked == null) {
            return false;
        }
        if (!loop.mayStay(leaked)) {
            unclosed.add(report);
        }
        return true;
    }

    /// The reports of a loop that closes have no exception where the user has forgotten something.
    private static @Nullable Object leakedIn(LoopException report) {
        if (report.exception() != null || !report.message().contains("was never closed")) {
            return null;
        }
        var details = report.details();
        return details.containsKey("server") ? details.get("server") : details.get("transport");
    }

    void addTasks(List<Task<?>> tasks) {
        if (tasks.isEmpty()) {
            return;
        }
        var text =
                new StringBuilder(
                        "tasks were still pending at the end of the test; await or cancel them,"
                                + " or start them by VirtualTimeLoop.background:");
        for (var task : tasks) {
            text.append(LINE)
                    .append(TaskDump.of(List.of(task)))
                    .append(LINE)
                    .append(CreationSite.describe(loop.createdAt(task)));
        }
        paragraphs.add(text.toString());
    }

    void addTimers(List<ForegroundTimers.Entry> timers) {
        if (timers.isEmpty()) {
            return;
        }
        var text =
                new StringBuilder(
                        "timers were still set at the end of the test; cancel them, or set them in"
                                + " a task of VirtualTimeLoop.background:");
        for (var entry : timers) {
            text.append(LINE)
                    .append("    ")
                    .append(entry.timer())
                    .append(", due at ")
                    .append(Duration.ofNanos(entry.timer().when()))
                    .append(" of virtual time")
                    .append(LINE)
                    .append(CreationSite.describe(entry.createdAt()));
        }
        paragraphs.add(text.toString());
    }

    void addThreads(List<Thread> threads) {
        var blamed = threads.stream().filter(thread -> !loop.mayStay(thread)).toList();
        if (blamed.isEmpty()) {
            return;
        }
        var text =
                new StringBuilder(
                        "threads that the test has started still ran a second after its end; end"
                                + " them, or name them in @LoopTest(allowThreads):");
        for (var thread : blamed) {
            text.append(LINE)
                    .append("    ")
                    .append(thread)
                    .append(thread.isDaemon() ? ", a daemon, " : ", ")
                    .append(thread.getState());
            for (var frame : thread.getStackTrace()) {
                text.append(LINE).append("        at ").append(frame);
            }
        }
        paragraphs.add(text.toString());
    }

    /// {@return an error that tells of all of them, or null if there are none}
    @Nullable AssertionError asFailure() {
        var all = new ArrayList<>(paragraphs);
        if (!unclosed.isEmpty()) {
            all.add(describeUnclosed());
        }
        return all.isEmpty()
                ? null
                : new AssertionError(
                        String.join(LINE, all)
                                + LINE
                                + "(VirtualTimeLoop.allowLeak lets a test leave something"
                                + " behind.)");
    }

    private String describeUnclosed() {
        var text = new StringBuilder("something was still open at the end of the test:");
        for (var report : unclosed) {
            text.append(LINE)
                    .append("    ")
                    .append(report.message())
                    .append(LINE)
                    .append(CreationSite.describe(report.createdAt().orElse(null)));
        }
        return text.toString();
    }
}
