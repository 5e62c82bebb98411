package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.Optional;

/// Thrown at an await point of a task that was asked to cancel.
///
/// It is an `Error`, so that a broad `catch (Exception e)` lets it pass: a cancellation is a normal
/// outcome and not a failure. It is delivered once for each request; a `finally` block may await
/// again. Code that catches it and does not throw it again keeps the task running.
///
/// It tells what asked for the cancellation ([#source()]), which task did so ([#requestedBy()]) and
/// why ([#reason()]), also after it has passed through awaited tasks and combinators.
///
/// The semantics are those of Python's `asyncio.CancelledError`; source, reason and the requesting
/// task are those of Trio's `Cancelled`.
///
/// @since 0.1
public class CancelledError extends Error {
    private static final long serialVersionUID = 1L;

    /// What asks for cancellations.
    ///
    /// @since 0.1
    public enum Source {
        /// A call of [LoopFuture#cancel(String)], or a program that threw the error itself.
        EXPLICIT,
        /// The deadline of a [Timeout], a [ShieldedScope] or a [Async#waitFor(LoopFuture,
        /// java.time.Duration)].
        DEADLINE,
        /// A [TaskGroup] that shuts down: a task or the body has failed, its owner was cancelled,
        /// or [TaskGroup#cancel()] was called.
        TASK_GROUP,
        /// A signal to the process, by way of a [Runner].
        SIGNAL,
        /// A [Runner] or a loop that closes.
        SHUTDOWN
    }

    /// What asked for it.
    private final Source source;

    /// The name of the task that asked for it, or null.
    private final @Nullable String requestedBy;

    /// A cancellation without a reason, by the program itself.
    public CancelledError() {
        this(new Cancellation(Source.EXPLICIT, null, null));
    }

    /// A cancellation by the program itself.
    ///
    /// @param message the reason
    public CancelledError(String message) {
        this(new Cancellation(Source.EXPLICIT, Objects.requireNonNull(message, "message"), null));
    }

    CancelledError(Cancellation cancellation) {
        super(cancellation.reason());
        source = cancellation.source();
        requestedBy = cancellation.requestedBy();
    }

    /// {@return what asked for the cancellation}
    public final Source source() {
        return source;
    }

    /// {@return why, which is the message too; null where no reason was given}
    public final @Nullable String reason() {
        return getMessage();
    }

    /// {@return the name that the task had which asked for the cancellation; empty where no task
    /// did, but a callback, a timer, a signal or another thread}
    public final Optional<String> requestedBy() {
        return Optional.ofNullable(requestedBy);
    }
}
