package dev.jloop.core;

/// A callback that a loop is asked to run again and again, without a new object each time: for code
/// on the path of every message. Made by [EventLoop#recurring(Runnable, Context)].
///
/// It is queued at most once. Each run is like one of [EventLoop#callSoon(Runnable, Context)]: in
/// the order of scheduling among all callbacks, in the one context, seen by observers and by the
/// watchdog, and its failure is reported without an effect on later runs.
///
/// **Threading:** as for every handle, the thread of its loop only.
///
/// @since 0.1
public interface RecurringHandle extends Handle {
    /// Schedules the callback for the next turn, unless it is scheduled already. Inside the
    /// callback this asks for another run, in the turn after.
    ///
    /// @return true if this call has scheduled it, false if it was scheduled already
    /// @throws IllegalStateException if the loop is closed
    /// @throws WrongThreadException in debug mode, if another thread calls it
    boolean schedule();

    /// Takes back [#schedule()], which may be called again afterwards and then counts from anew.
    /// The callback is kept.
    ///
    /// @return true if this call prevented a run, false if none was scheduled
    @Override
    boolean cancel();

    /// {@return true from a [#cancel()] that has prevented a run until the callback is scheduled
    /// again} Any thread may ask.
    @Override
    boolean isCancelled();
}
