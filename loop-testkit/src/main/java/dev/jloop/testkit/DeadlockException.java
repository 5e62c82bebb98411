package dev.jloop.testkit;

/// Nothing can ever happen again on a [VirtualTimeLoop], and what it was to run until is not done.
/// The message lists every pending task with what it awaits and where.
///
/// @since 0.1
public final class DeadlockException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DeadlockException(String message) {
        super(message);
    }
}
