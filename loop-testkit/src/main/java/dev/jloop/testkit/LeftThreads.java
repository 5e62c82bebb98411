package dev.jloop.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/// Finds platform threads that a test has started and that outlive it: those that are no daemons,
/// those of jloop, and those that a coroutine or callback has started, which are daemons unless it
/// says no.
final class LeftThreads {
    /// How long, in real time, threads that are about to end get for it.
    private static final Duration LAST_CHANCE = Duration.ofSeconds(1);

    /// Threads of jloop that serve all loops and stay, and those that run the tests.
    private static final List<String> SHARED =
            List.of("jloop-watchdog", "junit-", "ForkJoinPool", "surefire-");

    /// That of coroutines, which their threads inherit. The threads of the JVM are in others.
    private static final ThreadGroup OF_COROUTINES =
            Thread.ofVirtual().unstarted(() -> {}).getThreadGroup();

    private final Set<Thread> before = Collections.newSetFromMap(new WeakHashMap<>());
    private final List<String> allowedPrefixes;
    private final boolean alone;

    /// Of the loop's thread, and of those that its callbacks start.
    private final ThreadGroup group = new ThreadGroup("loop-test");

    private LeftThreads(List<String> allowedPrefixes, boolean alone) {
        this.allowedPrefixes = allowedPrefixes;
        this.alone = alone;
        before.addAll(all());
    }

    /// Takes note of the threads that there are.
    ///
    /// @param allowedPrefixes how the names of threads begin that may stay
    /// @param alone whether no other test runs meanwhile; otherwise only the threads that callbacks
    ///   have started are this test's for certain
    static LeftThreads since(List<String> allowedPrefixes, boolean alone) {
        return new LeftThreads(allowedPrefixes, alone);
    }

    /// {@return the group in which the loop's thread has to run}
    ThreadGroup group() {
        return group;
    }

    /// {@return the threads that were started since and do not end}
    List<Thread> stillRunning() throws InterruptedException {
        var started =
                all().stream()
                        .filter(thread -> !before.contains(thread))
                        .filter(this::isWatched)
                        .toList();
        var end = System.nanoTime() + LAST_CHANCE.toNanos();
        for (var thread : started) {
            var left = Duration.ofNanos(end - System.nanoTime());
            if (left.isPositive()) {
                thread.join(left);
            }
        }
        return started.stream().filter(Thread::isAlive).toList();
    }

    private boolean isWatched(Thread thread) {
        var name = thread.getName();
        var ofCallback = group.parentOf(thread.getThreadGroup());
        var ofTest =
                alone
                        && (!thread.isDaemon()
                                || name.startsWith("jloop")
                                || thread.getThreadGroup() == OF_COROUTINES);
        return (ofCallback || ofTest)
                && SHARED.stream().noneMatch(name::startsWith)
                && allowedPrefixes.stream().noneMatch(name::startsWith);
    }

    /// {@return the live platform threads}
    private static List<Thread> all() {
        var root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        for (var size = root.activeCount() + 16; ; size *= 2) {
            var threads = new Thread[size];
            var count = root.enumerate(threads);
            if (count < size) { // otherwise some may have been left out
                return Arrays.asList(threads).subList(0, count);
            }
        }
    }
}
