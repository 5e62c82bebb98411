package dev.jloop.testkit;

/// Nothing can ever happen again on a [VirtualTimeLoop], and what it was to run until is not done.
/// The message shows the pending tasks as a tree of who waits for whom, with the frames of each,
/// and names the cycles in it: see [dev.jloop.core.TaskTree].
///
/// @since 0.1
public final class DeadlockException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// The lines of the program where its pending tasks wait, by which deadlocks are told apart.
    private final String places;

    /// @param places where the tasks wait
    DeadlockException(String message, String places) {
        super(message);
        this.places = places;
    }

    String places() {
        return places;
    }
}
