package dev.jloop.core;

/// A callback that a loop was asked to run.
///
/// **Threading:** the thread of its loop only; any thread may ask [#isCancelled()] and
/// [#context()], and a timer for its `when()`.
///
/// @since 0.1
public interface Handle {
    /// Stops the callback from starting. Calling it again, or after the callback has started, has
    /// no effect. The reference to the callback is dropped at once.
    ///
    /// @return true if this call prevented the callback, false if it came too late or again
    boolean cancel();

    /// {@return true once [#cancel()] has prevented the callback} Any thread may ask.
    boolean isCancelled();

    /// {@return the context the callback runs in: a snapshot taken when it was scheduled, or the
    /// one given by the caller}
    Context context();
}
