package dev.jloop.core;

/// A callback that a loop was asked to run at a certain time. Timers of one loop run by deadline,
/// and those with the same deadline in the order they were scheduled.
///
/// @since 0.1
public interface TimerHandle extends Handle {
    /// {@return the deadline, in nanoseconds of [EventLoop#time()]; it stays readable after the
    /// timer fired or was cancelled}
    long when();
}
