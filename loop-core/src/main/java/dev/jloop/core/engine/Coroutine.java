package dev.jloop.core.engine;

/// A body that can be suspended. Either the loop runs or the coroutine, never both: [#resume()]
/// returns when the coroutine has suspended at an await point or has ended, and for no other
/// reason. If it blocks in foreign code, `resume` waits with it.
///
/// ```
/// created -resume-> RUNNING -suspend-> SUSPENDED -resume-> RUNNING ... -body returns-> DONE
/// ```
public interface Coroutine {
    /// What a coroutine does.
    interface Body {
        /// Called once, on the thread of the coroutine. Must not throw.
        void runBody();
    }

    /// Runs the body from where it stands, on the host thread (see
    /// [CoroutineEngine#host(Runnable)]).
    void resume();

    /// Gives control back to the caller of [#resume()]. Called by the body's own thread.
    ///
    /// An interrupt that came meanwhile is still set when it returns.
    ///
    /// @throws IllegalStateException if the thread cannot be suspended here
    void suspend();

    /// {@return whether the body has ended}
    boolean isDone();

    /// {@return the thread of the body}
    Thread thread();
}
