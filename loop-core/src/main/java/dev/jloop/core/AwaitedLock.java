package dev.jloop.core;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;

import dev.jloop.core.engine.LockAccess;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The JDK's lock that a thread waits for, and who holds it.
///
/// Of a monitor, a thread dump tells the holder. Of a lock of `java.util.concurrent`, nothing does
/// unless that package is open to jloop.
///
/// @param lock how the JDK names it
/// @param holder the holder and what it is doing, or null where it is not known
record AwaitedLock(String lock, @Nullable String holder) {
    private static final String WAITING = "- waiting to lock <";
    private static final String REENTRANT = "java.util.concurrent.locks.Reentrant";
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    /// {@return the lock, or null if `thread` waits for none} Slow: for a thread that is stuck.
    static @Nullable AwaitedLock of(Thread thread) {
        if (thread.getState() == Thread.State.BLOCKED) {
            return monitorOf(thread);
        }
        // Latches and semaphores are of this type too, and nobody holds them.
        return LockSupport.getBlocker(thread) instanceof AbstractOwnableSynchronizer lock
                        && lock.getClass().getName().startsWith(REENTRANT)
                ? new AwaitedLock(lock.toString(), describe(LockAccess.ownerOf(lock)))
                : null;
    }

    String describe() {
        return "it waits for the lock "
                + lock
                + (holder == null ? "" : ", held by " + holder)
                + "; a coroutine that holds a lock while it awaits stops the loop for good, so use"
                + " AsyncLock for that";
    }

    // ---- monitors

    private static @Nullable AwaitedLock monitorOf(Thread thread) {
        var threads = dumpThreads();
        var waiting = "#" + thread.threadId() + " ";
        var lock =
                threads.stream()
                        .filter(dumped -> dumped.getFirst().startsWith(waiting))
                        .flatMap(AwaitedLock::lines)
                        .filter(line -> line.startsWith(WAITING) && line.endsWith(">"))
                        .map(line -> line.substring(WAITING.length(), line.length() - 1))
                        .findFirst();
        if (lock.isEmpty()) {
            return null; // it went on meanwhile
        }
        var locked = "- locked <" + lock.get() + ">";
        var holder =
                threads.stream()
                        .filter(dumped -> lines(dumped).anyMatch(locked::equals))
                        .map(AwaitedLock::describeDumped)
                        .findFirst();
        return new AwaitedLock(lock.get(), holder.orElse(null));
    }

    /// {@return the lines of each thread}
    private static List<List<String>> dumpThreads() {
        var diagnostics = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (diagnostics == null) {
            return List.of(); // another JVM than HotSpot
        }
        try {
            var folder = Files.createTempDirectory("jloop");
            var file = folder.resolve("threads.txt");
            try {
                diagnostics.dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
                return Arrays.stream(Files.readString(file).split("\\R\\R"))
                        .map(text -> text.lines().toList())
                        .filter(lines -> !lines.isEmpty())
                        .toList();
            } finally {
                Files.deleteIfExists(file);
                Files.deleteIfExists(folder);
            }
        } catch (IOException | UnsupportedOperationException failure) {
            LOG.debug("no thread dump to find the holder of a lock in", failure);
            return List.of();
        }
    }

    private static Stream<String> lines(List<String> dumped) {
        return dumped.stream().map(String::strip);
    }

    private static String describeDumped(List<String> dumped) {
        var frames = lines(dumped).filter(line -> line.startsWith("at ")).toList();
        return dumped.getFirst() + stackOf(frames);
    }

    private static String stackOf(List<String> frames) {
        return frames.stream()
                .map(frame -> System.lineSeparator() + "    " + frame)
                .collect(Collectors.joining("", " with the stack", System.lineSeparator()));
    }

    private static @Nullable String describe(@Nullable Thread owner) {
        if (owner == null) {
            return null;
        }
        return "thread "
                + Threads.describe(owner)
                + stackOf(
                        Arrays.stream(owner.getStackTrace()).map(frame -> "at " + frame).toList());
    }
}
