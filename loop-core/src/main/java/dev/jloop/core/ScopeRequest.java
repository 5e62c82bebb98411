package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// The one request to cancel that a scope may make of the task inside it, and has to take back when
/// it ends. What was requested before the scope, and by others during it, stays.
final class ScopeRequest {
    private final CoroutineTask<?> task;

    /// Those that the task had met with. One that still waits for an await point is met inside the
    /// scope, and so counts as one that comes while the scope is open.
    private final int requestsBefore;

    /// Of the shielded scope that this scope is in.
    private final int shield;

    private @Nullable Cancellation made;

    /// What waited for an await point when the request was made in its place.
    private @Nullable Cancellation replaced;

    /// For a scope that `task` enters now.
    ScopeRequest(CoroutineTask<?> task) {
        this.task = task;
        requestsBefore =
                task.requests().unshielded() - (task.requests().undelivered() == null ? 0 : 1);
        shield = task.requests().shield();
    }

    CoroutineTask<?> task() {
        return task;
    }

    void make(Cancellation cancellation) {
        made = cancellation;
        replaced = task.requests().undelivered(shield);
        task.cancelFor(cancellation, shield);
    }

    /// {@return whether the task has met, or will meet, requests to cancel by others since the
    /// scope was entered}
    boolean othersCame() {
        return task.requests().unshielded() > requestsBefore + (made == null ? 0 : 1);
    }

    /// Takes the request back, if it was made.
    ///
    /// @return whether it was, and no other came, so that the scope may swallow the cancellation
    boolean takeBack() {
        if (made == null) {
            return false;
        }
        task.requests().takeBack(made, replaced);
        made = null;
        if (othersCame()) {
            return false;
        }
        task.requests().forgetDelivered();
        return true;
    }
}
