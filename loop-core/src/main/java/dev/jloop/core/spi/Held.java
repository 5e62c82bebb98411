package dev.jloop.core.spi;

import org.jspecify.annotations.Nullable;

/// What one task holds and others wait for, such as a lock. Given as the purpose of a future, it
/// lets reports of who waits for whom go on to the holder.
///
/// **Threading:** [#holder()] is called by any thread, with the loop at rest or on its thread.
///
/// @since 0.1
@FunctionalInterface
public interface Held {
    /// {@return the task that holds this, or null where none does or it is not known}
    @Nullable Object holder();
}
