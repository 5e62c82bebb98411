package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;

/// A scope with a deadline: what runs inside is cancelled when the deadline passes, and the scope
/// then throws [TimedOutException].
///
/// ```java
/// String page = Timeout.after(Duration.ofSeconds(1)).call(() -> fetch(url));
/// ```
///
/// The cancellation is delivered at an await point, so a body that awaits nothing never times out.
/// If the body turns the cancellation into a result or another failure, that is what comes out; a
/// failure then carries the time-out as a suppressed exception. A cancellation from outside passes
/// unchanged. Scopes nest.
///
/// A scope serves once. **Threading:** the thread of its loop only; any thread may ask for
/// [#deadline()] and [#expired()].
///
/// The semantics are those of Python's `asyncio.timeout`.
///
/// @since 0.1
public final class Timeout {
    /// ```
    /// CREATED -run-> ACTIVE -body ends-> EXITED
    ///                ACTIVE -deadline-> EXPIRING -body ends-> EXPIRED
    /// ```
    private enum State {
        CREATED,
        ACTIVE,
        EXPIRING,
        EXPIRED,
        EXITED
    }

    private final @Nullable Duration delay;
    private State state = State.CREATED;
    private OptionalLong deadline;
    private @Nullable SelectorEventLoop loop;
    private @Nullable ScopeRequest request;
    private @Nullable Handle timer;

    private Timeout(@Nullable Duration delay, OptionalLong deadline) {
        this.delay = delay;
        this.deadline = deadline;
    }

    /// {@return a scope that ends `delay` after it is entered}
    ///
    /// @param delay zero or negative expires at the first await point that suspends
    public static Timeout after(Duration delay) {
        return new Timeout(Objects.requireNonNull(delay, "delay"), OptionalLong.empty());
    }

    /// {@return a scope that ends at an absolute time}
    ///
    /// @param deadlineNanos in nanoseconds of [EventLoop#time()]; a time in the past expires at the
    ///   first await point that suspends
    public static Timeout at(long deadlineNanos) {
        return new Timeout(null, OptionalLong.of(deadlineNanos));
    }

    /// {@return a scope without a deadline, which may get one by [#reschedule(long)]}
    public static Timeout none() {
        return new Timeout(null, OptionalLong.empty());
    }

    /// Runs `body` in this scope. Suspends where the body does.
    ///
    /// @param body what to run, in the current task
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    /// @throws TimedOutException if the deadline passed and the body ended by the cancellation
    /// @throws IllegalStateException if the scope was used before, or this is no coroutine
    public <X extends Throwable> void run(ThrowingRunnable<X> body) throws X {
        this.<@Nullable Void, X>call(() -> {
            body.run();
            return null;
        });
    }

    /// Runs `body` in this scope, and gives its result. Suspends where the body does.
    ///
    /// @param body what to run, in the current task
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws TimedOutException if the deadline passed and the body ended by the cancellation
    /// @throws IllegalStateException if the scope was used before, or this is no coroutine
    public <T extends @Nullable Object, X extends Throwable> T call(
            ThrowingSupplier<? extends T, X> body) throws X {
        enter();
        try {
            var result = body.get();
            exit();
            return result;
        } catch (Throwable failure) {
            var cancellation = request().task().requests().cancellationIn(failure);
            var expired = exit();
            if (expired && cancellation != null) {
                throw timedOut(cancellation);
            }
            if (expired) {
                markTimedOut(failure);
            }
            throw failure;
        }
    }

    private void enter() {
        if (state != State.CREATED) {
            throw new IllegalStateException(
                    "a timeout scope serves once, and this one is " + describeState());
        }
        loop = CurrentLoop.require();
        request = new ScopeRequest(loop.execution().requireTask("a timeout scope"));
        state = State.ACTIVE;
        if (delay != null) {
            deadline = OptionalLong.of(loop.deadlineAfter(delay));
        }
        arm();
    }

    /// {@return whether the deadline has passed, and no other request to cancel is left}
    private boolean exit() {
        disarm();
        if (state == State.EXPIRING) {
            state = State.EXPIRED;
            return request().takeBack();
        }
        state = State.EXITED;
        return false;
    }

    private void arm() {
        disarm();
        if (deadline.isEmpty()) {
            return;
        }
        var current = Objects.requireNonNull(loop);
        var at = deadline.getAsLong();
        timer =
                at <= current.time()
                        ? current.callSoon(this::expire)
                        : current.callAt(at, this::expire);
    }

    private void disarm() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void expire() {
        timer = null;
        state = State.EXPIRING;
        request().make(Cancellation.atDeadline());
    }

    private ScopeRequest request() {
        return Objects.requireNonNull(request);
    }

    private TimedOutException timedOut(@Nullable Throwable cause) {
        var timeout =
                new TimedOutException(
                        delay == null ? "the deadline passed" : "timed out after " + delay);
        if (cause != null) {
            timeout.initCause(cause);
        }
        return timeout;
    }

    private void markTimedOut(Throwable failure) {
        // One instance may be thrown again and again, and must not grow.
        if (failure.getSuppressed().length < AwaitedAt.LONGEST_WAY) {
            failure.addSuppressed(timedOut(null));
        }
        if (failure instanceof ExceptionGroup group) {
            group.exceptions().forEach(this::markTimedOut);
        }
    }

    /// Moves the deadline.
    ///
    /// @param deadlineNanos in nanoseconds of [EventLoop#time()]
    /// @throws IllegalStateException before the scope is entered, while it expires, and after it
    public void reschedule(long deadlineNanos) {
        rescheduleTo(OptionalLong.of(deadlineNanos));
    }

    /// Takes the deadline away.
    ///
    /// @throws IllegalStateException before the scope is entered, while it expires, and after it
    public void disable() {
        rescheduleTo(OptionalLong.empty());
    }

    private void rescheduleTo(OptionalLong newDeadline) {
        if (state != State.ACTIVE) {
            throw new IllegalStateException(
                    "only an active timeout scope can be rescheduled, and this one is "
                            + describeState());
        }
        Objects.requireNonNull(loop).checkThread("reschedule");
        deadline = newDeadline;
        arm();
    }

    /// {@return the deadline, in nanoseconds of [EventLoop#time()]; empty if there is none, or the
    /// scope was made by [#after(Duration)] and not entered yet}
    public OptionalLong deadline() {
        return deadline;
    }

    /// {@return whether the deadline has passed while the scope was active}
    public boolean expired() {
        return state == State.EXPIRING || state == State.EXPIRED;
    }

    private String describeState() {
        return switch (state) {
            case CREATED -> "not entered yet";
            case ACTIVE -> "active";
            case EXPIRING -> "expiring";
            case EXPIRED -> "expired";
            case EXITED -> "over";
        };
    }

    @Override
    public String toString() {
        return "Timeout["
                + describeState()
                + (deadline.isPresent() ? ", deadline=" + deadline.getAsLong() : "")
                + "]";
    }
}
