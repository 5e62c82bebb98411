package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The shielded scopes that a task is in, and the requests to cancel that they hold back.
///
/// Scopes are counted from the outside, the first is 1. A request comes with the number of the
/// scope in which it was prepared, such as a timeout that was entered there: only scopes inside of
/// that one hold it back.
final class Shields {
    /// Requests prepared in one scope; the newest says why.
    private static final class Held {
        private final int scope;
        private Cancellation newest;
        private int count = 1;

        Held(int scope, Cancellation first) {
            this.scope = scope;
            newest = first;
        }
    }

    /// At most one for each scope.
    private final List<Held> held = new ArrayList<>();

    private int innermost;

    /// {@return the number of the innermost scope, or 0 outside of all}
    int innermost() {
        return innermost;
    }

    /// Enters a scope.
    ///
    /// @param undelivered a request that waits for the next await point, or null; it then waits for
    ///   the end of this scope
    void enter(@Nullable Cancellation undelivered) {
        if (undelivered != null) {
            hold(undelivered, innermost);
        }
        innermost++;
    }

    /// Leaves the innermost scope.
    ///
    /// @return the request to be delivered now, or null
    @Nullable Cancellation leave() {
        innermost--;
        Cancellation newest = null;
        for (var requests : held) {
            if (requests.scope >= innermost) {
                newest = requests.newest;
            }
        }
        held.removeIf(requests -> requests.scope >= innermost);
        return newest;
    }

    /// {@return whether the request, prepared in scope number `scope`, has to wait}
    boolean holdBack(Cancellation cancellation, int scope) {
        if (scope >= innermost) {
            return false;
        }
        hold(cancellation, scope);
        return true;
    }

    private void hold(Cancellation cancellation, int scope) {
        for (var requests : held) {
            if (requests.scope == scope) {
                requests.newest = cancellation;
                requests.count++;
                return;
            }
        }
        held.add(new Held(scope, cancellation));
    }

    /// {@return the newest request prepared in scope number `scope` that is held back, or null}
    @Nullable Cancellation newest(int scope) {
        for (var requests : held) {
            if (requests.scope == scope) {
                return requests.newest;
            }
        }
        return null;
    }

    /// {@return how many requests are held back}
    int heldCount() {
        var count = 0;
        for (var requests : held) {
            count += requests.count;
        }
        return count;
    }

    /// Forgets the requests.
    void drop() {
        held.clear();
    }
}
