package dev.jloop.core.engine;

/// Makes coroutines, and the thread that can resume them.
public interface CoroutineEngine {
    /// {@return the name by which a user asks for this engine}
    String name();

    /// {@return a coroutine that has not started}
    ///
    /// @param name the name of its thread
    /// @param body what it does
    Coroutine create(String name, Coroutine.Body body);

    /// Runs `body` on a thread that can resume coroutines of this engine, and returns when it has
    /// ended. That is the calling thread where it can be.
    ///
    /// @param body may throw unchecked exceptions and errors, which come out of this call
    void host(Runnable body);
}
