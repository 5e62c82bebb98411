package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// The one request to cancel that a scope may make of the task inside it, and has to take back when
/// it ends. What was requested before the scope, and by others during it, stays.
final class ScopeRequest {
    private final CoroutineTask<?> task;
    private final int requestsBefore;
    private final @Nullable Cancellation undeliveredBefore;

    /// Of the shielded scope that this scope is in.
    private final int shield;

    private boolean made;

    /// For a scope that `task` enters now.
    ScopeRequest(CoroutineTask<?> task) {
        this.task = task;
        requestsBefore = task.unshieldedRequests();
        undeliveredBefore = task.undelivered();
        shield = task.shield();
    }

    CoroutineTask<?> task() {
        return task;
    }

    void make(Cancellation cancellation) {
        made = true;
        task.cancelFor(cancellation, shield);
    }

    /// {@return whether others have asked the task to cancel since the scope was entered}
    boolean othersCame() {
        return task.unshieldedRequests() > requestsBefore + (made ? 1 : 0);
    }

    /// Takes the request back, if it was made.
    ///
    /// @return whether it was, and no other came, so that the scope may swallow the cancellation
    boolean takeBack() {
        var wasMade = made;
        made = false;
        return wasMade && task.takeBack(requestsBefore, undeliveredBefore);
    }
}
