package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

/// What earlier tests have left to a test that ended well. It says nothing about the run that
/// throws it: so nobody runs that again to look into it, or explains its schedule.
final class StrayFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    StrayFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
