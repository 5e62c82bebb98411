package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.IdentityHashMap;

/// The requests to cancel one task: how many there are, which one waits for an await point, which
/// ones shielded scopes hold back, and what was thrown last.
///
/// Scopes of the body make requests too, and have to take theirs back: see [ScopeRequest].
final class CancelRequests {
    private int count;

    /// Was not handed to an awaited future, and waits for the next step or await point.
    private @Nullable Cancellation undelivered;

    /// The last cancellation thrown into the body.
    private @Nullable CancelledError delivered;

    /// Made by the first shielded scope.
    private @Nullable Shields shields;

    /// {@return those made and not taken back}
    int count() {
        return count;
    }

    /// {@return those that no shielded scope holds back}
    int unshielded() {
        return shields == null ? count : count - shields.heldCount();
    }

    /// Counts a request.
    ///
    /// @param shield the number of the shielded scope in which it was prepared
    /// @return whether it goes to the task now; false where a shielded scope holds it back
    boolean add(Cancellation request, int shield) {
        count++;
        return shields == null || !shields.holdBack(request, shield);
    }

    /// Takes one back. With the last one, what was not delivered is dropped.
    void remove() {
        if (count == 0) {
            return;
        }
        count--;
        if (count == 0) {
            undelivered = null;
            delivered = null;
            if (shields != null) {
                shields.drop();
            }
        }
    }

    // ---- delivery

    /// {@return the request that waits for the next await point, or null}
    @Nullable Cancellation undelivered() {
        return undelivered;
    }

    /// {@return the request that waits where one prepared in shielded scope number `shield` would,
    /// or null}
    @Nullable Cancellation undelivered(int shield) {
        return shields == null || shield >= shields.innermost()
                ? undelivered
                : shields.newest(shield);
    }

    /// Lets a request that was counted before wait for the next await point.
    void keep(Cancellation request) {
        undelivered = request;
    }

    /// Says that the request which waited was handed on.
    void handedOn() {
        undelivered = null;
    }

    /// {@return the error that stands for `request` at an await point}
    CancelledError deliver(Cancellation request) {
        undelivered = null;
        var error = request.toError();
        delivered = error;
        return error;
    }

    /// Takes note of a cancellation that comes by way of the awaited future.
    void noteDelivered(CancelledError error) {
        if (count > 0) {
            delivered = error;
        }
    }

    /// Says that a scope has swallowed the last cancellation thrown.
    void forgetDelivered() {
        delivered = null;
    }

    /// Takes back a request that was not delivered yet.
    ///
    /// @return whether it was there
    boolean withdraw(Cancellation request) {
        if (undelivered != request) {
            return false;
        }
        remove();
        undelivered = null;
        return true;
    }

    /// Takes the one request of a scope back.
    ///
    /// @param replaced the undelivered one in whose place it was made, which is undelivered again
    void takeBack(Cancellation request, @Nullable Cancellation replaced) {
        remove();
        if (undelivered == request) {
            undelivered = replaced;
        }
    }

    /// Reflection, `FutureTask` and `CompletableFuture` wrap what passes through them, so a
    /// delivered cancellation counts wherever it stands in the chain of causes.
    ///
    /// @return the cancellation that `failure` is, or null if it is none
    @Nullable CancelledError cancellationIn(Throwable failure) {
        if (failure instanceof CancelledError cancellation) {
            return cancellation;
        }
        return delivered != null && isCausedBy(failure, delivered) ? delivered : null;
    }

    /// Chains of causes may be circular, and a user's `getCause` may fail.
    private static boolean isCausedBy(Throwable failure, Throwable suspect) {
        var seen = Collections.newSetFromMap(new IdentityHashMap<Throwable, Boolean>());
        try {
            for (var cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
                if (cause == suspect) {
                    return true;
                }
            }
        } catch (RuntimeException _) {
            return false; // what is beyond cannot be told
        }
        return false;
    }

    // ---- shielded scopes

    /// {@return the number of the innermost shielded scope, or 0 outside of all}
    int shield() {
        return shields == null ? 0 : shields.innermost();
    }

    /// From now on, requests from outside wait until [#leaveShield()].
    void enterShield() {
        if (shields == null) {
            shields = new Shields();
        }
        shields.enter(undelivered);
        undelivered = null;
    }

    /// Lets what has waited be delivered at the next await point.
    void leaveShield() {
        if (shields == null) {
            return; // the loop has closed meanwhile, and no scope holds it up
        }
        var request = shields.leave();
        if (request != null) {
            undelivered = request;
        }
    }

    /// For a loop that closes, and waits for no scope.
    void breakShields() {
        shields = null;
    }
}
