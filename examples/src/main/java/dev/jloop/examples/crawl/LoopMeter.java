package dev.jloop.examples.crawl;

import dev.jloop.core.Task;
import dev.jloop.core.spi.LoopObserver;

import java.time.Duration;

/// Measures a loop: its longest stall, and the tasks created.
///
/// A stall is the time that one callback, or one step of a task, keeps all others waiting.
public final class LoopMeter implements LoopObserver {
    private long longestNanos;
    private String longestName = "nothing yet";
    private int tasksCreated;

    @Override
    public void callbackEnded(Object callback, long nanos) {
        if (nanos > longestNanos) {
            longestNanos = nanos;
            longestName =
                    callback instanceof Task<?> task
                            ? "task '" + task.name() + "'"
                            : callback.toString();
        }
    }

    @Override
    public void taskCreated(Object task) {
        tasksCreated++;
    }

    /// Forgets the stalls so far, such as those of classes that are loaded before the real work.
    public void forgetStalls() {
        longestNanos = 0;
        longestName = "nothing yet";
    }

    /// {@return the longest time that one callback or step has taken}
    public Duration longestStall() {
        return Duration.ofNanos(longestNanos);
    }

    /// {@return what took that time, as it describes itself}
    public String longestStallName() {
        return longestName;
    }

    /// {@return the tasks created on the loop so far}
    public int tasksCreated() {
        return tasksCreated;
    }
}
