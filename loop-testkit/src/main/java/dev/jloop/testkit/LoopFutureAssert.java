package dev.jloop.testkit;

import dev.jloop.core.CancelledError;
import dev.jloop.core.LoopFuture;

import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// Assertions about a future or a task: see [LoopAssert#assertThat(LoopFuture)]. Whoever asks how
/// it has ended has retrieved its failure, so that it is not reported as lost.
///
/// @param <T> the type of the result
/// @since 0.1
public final class LoopFutureAssert<T extends @Nullable Object>
        extends AbstractAssert<LoopFutureAssert<T>, LoopFuture<T>> {
    LoopFutureAssert(@Nullable LoopFuture<T> actual) {
        super(actual, LoopFutureAssert.class);
    }

    /// Fails while it is pending.
    ///
    /// @return this
    public LoopFutureAssert<T> isDone() {
        isNotNull();
        if (!actual.isDone()) {
            throw unexpected("to be done");
        }
        return this;
    }

    /// Fails if it is done, in whatever way.
    ///
    /// @return this
    public LoopFutureAssert<T> isPending() {
        isNotNull();
        if (actual.isDone()) {
            throw unexpected("to be pending");
        }
        return this;
    }

    /// Fails unless it has ended with this result.
    ///
    /// @param expected compared by `equals`, arrays by what is in them
    /// @return this
    public LoopFutureAssert<T> hasResult(T expected) {
        isNotNull();
        var wanted = "to have the result <" + expected + ">";
        if (!actual.isDone() || actual.isCancelled() || actual.exception() != null) {
            throw unexpected(wanted);
        }
        var result = actual.result();
        if (!Objects.deepEquals(result, expected)) {
            throw failureWithActualExpected(
                    result,
                    expected,
                    "%s was %s%s",
                    actual,
                    wanted,
                    LoopAssert.tasksOf(actual.loop()));
        }
        return this;
    }

    /// Fails unless it has failed. A cancelled one has not.
    ///
    /// @return this
    public LoopFutureAssert<T> hasFailed() {
        failureOr("to have failed");
        return this;
    }

    /// Fails unless it has failed with an exception of this type. A cancelled one has not failed.
    ///
    /// @param type the type, or one above it
    /// @return this
    public LoopFutureAssert<T> hasFailed(Class<? extends Throwable> type) {
        failureOfType(type, "to have failed with a " + type.getName());
        return this;
    }

    /// Fails unless it has failed with this very exception.
    ///
    /// @param expected the exception
    /// @return this
    public LoopFutureAssert<T> hasFailedWith(Throwable expected) {
        var wanted = "to have failed with " + expected + " itself";
        if (failureOr(wanted) != expected) {
            throw unexpected(wanted);
        }
        return this;
    }

    /// Fails unless it has failed with an exception of this type, whose message contains a text.
    ///
    /// @param type the type, or one above it
    /// @param text a part of the message
    /// @return this
    public LoopFutureAssert<T> hasFailedWith(Class<? extends Throwable> type, String text) {
        var wanted = "to have failed with a " + type.getName() + " that says '" + text + "'";
        var message = failureOfType(type, wanted).getMessage();
        if (message == null || !message.contains(text)) {
            throw unexpected(wanted);
        }
        return this;
    }

    /// Fails unless it was cancelled.
    ///
    /// @return this
    public LoopFutureAssert<T> isCancelled() {
        cancellationOr("to be cancelled");
        return this;
    }

    /// Fails unless it was cancelled for this reason.
    ///
    /// @param reason as given to `cancel`; null for none
    /// @return this
    public LoopFutureAssert<T> isCancelledBy(@Nullable String reason) {
        var wanted =
                reason == null
                        ? "to be cancelled without a reason"
                        : "to be cancelled with the reason '" + reason + "'";
        if (!Objects.equals(cancellationOr(wanted).reason(), reason)) {
            throw unexpected(wanted);
        }
        return this;
    }

    /// Fails unless it was cancelled by this.
    ///
    /// @param source what asked for it
    /// @return this
    public LoopFutureAssert<T> isCancelledBy(CancelledError.Source source) {
        var wanted = "to be cancelled by " + source;
        if (cancellationOr(wanted).source() != source) {
            throw unexpected(wanted);
        }
        return this;
    }

    private Throwable failureOfType(Class<? extends Throwable> type, String wanted) {
        var failure = failureOr(wanted);
        if (!type.isInstance(failure)) {
            throw unexpected(wanted);
        }
        return failure;
    }

    private Throwable failureOr(String wanted) {
        isNotNull();
        var failure = actual.isDone() && !actual.isCancelled() ? actual.exception() : null;
        if (failure == null) {
            throw unexpected(wanted);
        }
        return failure;
    }

    private CancelledError cancellationOr(String wanted) {
        isNotNull();
        if (actual.isCancelled()) {
            try {
                var _ = actual.exception();
            } catch (CancelledError cancellation) {
                return cancellation;
            }
        }
        throw unexpected(wanted);
    }

    /// {@return an error with what the future is, and with its failure as the cause}
    private AssertionError unexpected(String wanted) {
        var error = failure("%s was %s%s", actual, wanted, LoopAssert.tasksOf(actual.loop()));
        if (actual.isDone()) {
            try {
                error.initCause(actual.exception());
            } catch (CancelledError cancellation) {
                error.initCause(cancellation);
            }
        }
        return error;
    }
}
