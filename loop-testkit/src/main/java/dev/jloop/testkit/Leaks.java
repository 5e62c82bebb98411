package dev.jloop.testkit;

import dev.jloop.core.LoopException;
import dev.jloop.core.Task;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;

/// What one test has left behind, kind by kind.
final class Leaks {
    private static final String LINE = System.lineSeparator();

    private final VirtualTimeLoop loop;
    private final List<String> paragraphs = new CopyOnWriteArrayList<>();

    /// What was left, by kind and by where it was made.
    private final Set<String> likeness = new ConcurrentSkipListSet<>();

    private final List<LoopException> unclosed = new CopyOnWriteArrayList<>();
    private final List<LoopException> unreleased = new CopyOnWriteArrayList<>();

    Leaks(VirtualTimeLoop loop) {
        this.loop = loop;
    }

    /// {@return whether this was a transport, server or datagram endpoint left open, or a received
    /// buffer that was retained and not released, and is a leak}
    boolean takes(LoopException report) {
        if (report.exception() != null) {
            return false; // where the user has forgotten something there is none
        }
        var buffer = report.detail("buffer", ByteBuf.class);
        if (buffer.isPresent() && report.message().contains("was never released")) {
            add(report, buffer.get(), unreleased);
            return true;
        }
        var details = report.details();
        var open = details.containsKey("server") ? details.get("server") : details.get("transport");
        if (open != null && report.message().contains("was never closed")) {
            add(report, open, unclosed);
            return true;
        }
        return false;
    }

    private void add(LoopException report, Object leaked, List<LoopException> leaks) {
        if (!loop.mayStay(leaked)) {
            leaks.add(report);
        }
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
            note("task", loop.createdAt(task));
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
            note("timer", entry.createdAt());
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
            likeness.add("thread " + thread.getName());
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
        if (!unreleased.isEmpty()) {
            all.add(describeUnreleased());
        }
        return all.isEmpty()
                ? null
                : new KitFailure(
                        String.join(LINE, all)
                                + LINE
                                + "(VirtualTimeLoop.allowLeak lets a test leave something"
                                + " behind.)",
                        null,
                        String.join("|", likeness));
    }

    private String describeUnreleased() {
        var text =
                new StringBuilder(
                        "received buffers were still retained at the end of the test; release()"
                                + " what you retain, or give it to a write, which does so:");
        for (var report : unreleased) {
            text.append(LINE).append("    ").append(report.message());
            report.createdAt().ifPresent(first -> describeRetains(first, text));
            note("buffer", report.createdAt().orElse(null));
        }
        return text.toString();
    }

    private static void describeRetains(Throwable first, StringBuilder text) {
        text.append(LINE).append(frames(first, "        retained at "));
        for (var next : first.getSuppressed()) {
            text.append(LINE).append(frames(next, "        and retained at "));
        }
    }

    private static String frames(Throwable site, String firstIndent) {
        return CreationSite.frames(site.getStackTrace(), firstIndent);
    }

    private String describeUnclosed() {
        var text = new StringBuilder("something was still open at the end of the test:");
        for (var report : unclosed) {
            text.append(LINE)
                    .append("    ")
                    .append(report.message())
                    .append(LINE)
                    .append(CreationSite.describe(report.createdAt().orElse(null)));
            note("open", report.createdAt().orElse(null));
        }
        return text.toString();
    }

    private void note(String kind, @Nullable Throwable createdAt) {
        var place =
                createdAt == null
                        ? List.<StackTraceElement>of()
                        : List.of(createdAt.getStackTrace());
        likeness.add(kind + " " + Likeness.place(place));
    }
}
