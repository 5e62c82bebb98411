package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

/// A failure that the kit has found, and that comes from no line of its own. What others like it
/// have in common with it is told by a text: see [Likeness].
final class KitFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    private final String likeness;

    KitFailure(String message, @Nullable Throwable cause, String likeness) {
        super(message, cause);
        this.likeness = likeness;
    }

    String likeness() {
        return likeness;
    }
}
