package dev.jloop.core.spi;

/// Watches a loop at work: for metrics, tracing, and tests. Each method does nothing unless
/// overridden.
///
/// With an observer the loop reads its thread's time around each callback, which costs some 50 ns.
/// An exception from an observer is reported to the loop's exception handler.
///
/// **Threading:** called on the loop's thread, or by whoever owns the loop while it does not run,
/// and [#taskCreated(Object)] inside the callback or coroutine that creates the task. An observer
/// may neither block nor await.
///
/// @since 0.1
public interface LoopObserver {
    /// A turn has begun: ready work, input and due timers are in the queue.
    ///
    /// @param ready the number of callbacks that this turn will run
    default void turnStarted(int ready) {}

    /// A turn has ended.
    ///
    /// @param ran the number of callbacks that it ran, cancelled ones included
    default void turnEnded(int ran) {}

    /// A callback, or one step of a task, has ended.
    ///
    /// @param callback what ran; its `toString` describes it
    /// @param nanos how long it kept the loop busy, in real time whatever the loop's clock is
    default void callbackEnded(Object callback, long nanos) {}

    /// A task was created.
    ///
    /// @param task the task; its `toString` describes it
    default void taskCreated(Object task) {}

    /// A task has ended, in whatever way.
    ///
    /// @param task the task; its `toString` describes it
    default void taskEnded(Object task) {}
}
