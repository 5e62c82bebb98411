package dev.jloop.core.spi;

/// The time of a loop. Every deadline is read from it, so one other clock gives a loop virtual
/// time.
///
/// **Threading:** may be read by any thread.
///
/// @since 0.1
@FunctionalInterface
public interface Clock {
    /// {@return nanoseconds since an origin of the clock's own; it never goes back, and it never
    /// wraps round in the life of the loop}
    long nanos();
}
