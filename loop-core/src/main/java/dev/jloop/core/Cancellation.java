package dev.jloop.core;

import dev.jloop.core.CancelledError.Source;

import org.jspecify.annotations.Nullable;

/// One request to cancel, on its way from who makes it to the await point where it is thrown.
///
/// @param source what makes it
/// @param reason why, or null
/// @param requestedBy the name of the task that makes it, or null
record Cancellation(Source source, @Nullable String reason, @Nullable String requestedBy) {
    /// {@return a request made by whatever runs on `loop` now}
    static Cancellation by(SelectorEventLoop loop, Source source, @Nullable String reason) {
        var task = loop.currentTask();
        return new Cancellation(source, reason, task == null ? null : task.name());
    }

    static Cancellation atDeadline() {
        return new Cancellation(Source.DEADLINE, "timed out", null);
    }

    static Cancellation byShutdown(String reason) {
        return new Cancellation(Source.SHUTDOWN, reason, null);
    }

    /// {@return the request that `error` stands for}
    static Cancellation of(CancelledError error) {
        return new Cancellation(error.source(), error.reason(), error.requestedBy().orElse(null));
    }

    /// {@return a new error each time, because two threads of control must not share a stack trace}
    CancelledError toError() {
        return new CancelledError(this);
    }

    @Override
    public String toString() {
        return reason == null ? "cancelled" : "cancelled: " + reason;
    }
}
