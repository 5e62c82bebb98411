package dev.jloop.examples.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What clients did to one key whose value is only ever replaced, each time by one that was never
/// there before, and whether the order in which the store did it explains what they saw.
///
/// Unlike that of a key that is appended to, the final value does not tell the order; the log does.
final class RegisterHistory {
    private record Call(String value, boolean isRead, int began, int ended) {}

    private final List<Call> calls = new ArrayList<>();
    private int moment;

    /// {@return the moment when something begins or ends}
    int now() {
        return ++moment;
    }

    void put(String value, int began) {
        calls.add(new Call(value, false, began, now()));
    }

    void read(Optional<String> value, int began) {
        calls.add(new Call(value.orElse(""), true, began, now()));
    }

    /// {@return what the order does not explain, or nothing}
    ///
    /// @param order the values in the order in which they were put, each once
    Optional<String> violation(List<String> order) {
        var steps = new ArrayList<Step>();
        for (var call : calls) {
            var place = order.indexOf(call.value()) + 1;
            if (place == 0 && !call.value().isEmpty()) {
                return Optional.of(
                        (call.isRead() ? "read and never put: " : "acknowledged and lost: ")
                                + call.value()
                                + " not in "
                                + order);
            }
            var what = (call.isRead() ? "read of " : "put of ") + call.value();
            steps.add(new Step(what, call.isRead(), call.began(), call.ended(), place));
        }
        return Step.firstContradiction(steps);
    }
}
