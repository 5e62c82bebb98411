package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// Through which a coroutine tells its starter that it is ready: see [TaskGroup#start(Startable)].
///
/// **Threading:** the coroutine it was given to, and what runs on the same loop.
///
/// The semantics are those of Trio's `TaskStatus`.
///
/// @param <T> the type of what is reported
/// @since 0.1
public interface TaskStatus<T extends @Nullable Object> {
    /// Says that the coroutine is ready: the call that has started it returns, on a later turn.
    ///
    /// @param value what that call gives, such as the port listened to
    /// @throws IllegalStateException if it was said before, or nobody waits for it any more,
    ///   because who has started the coroutine was cancelled
    void started(T value);

    /// Says that the coroutine is ready, where there is nothing more to tell: gives null.
    ///
    /// @throws IllegalStateException as [#started(Object)] does
    @SuppressWarnings("NullAway") // meant for `TaskStatus<@Nullable Void>`
    default void started() {
        started(null);
    }
}
