package dev.jloop.examples.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What clients did to one key whose value is only ever appended to, and whether one order of all
/// of it, in which each thing happens between its call and its return, explains what they saw.
///
/// Such an order is easy to find: the final value gives that of the appends, and each read has its
/// place after as many appends as it saw. What is left is to look at each pair where one ended
/// before the other began.
///
/// Each append adds a token that no other one adds, and that ends with [#END].
final class History {
    static final String END = ";";

    private static final Pattern ENDS = Pattern.compile(END);

    /// @param result what a read saw, null for an append
    private record Call(String token, int began, int ended, List<String> result) {
        boolean isRead() {
            return token.isEmpty();
        }
    }

    private final List<Call> calls = new ArrayList<>();
    private int moment;

    /// {@return the moment when something begins or ends}
    int now() {
        return ++moment;
    }

    void appended(String token, int began) {
        calls.add(new Call(token, began, now(), List.of()));
    }

    void read(Optional<String> value, int began) {
        calls.add(new Call("", began, now(), tokens(value)));
    }

    /// {@return what no order explains, or nothing}
    ///
    /// @param finalValue read when all else had ended
    Optional<String> violation(Optional<String> finalValue) {
        var order = tokens(finalValue);
        for (var i = 0; i < order.size(); i++) {
            if (order.indexOf(order.get(i)) != i) {
                return Optional.of("applied twice: " + order.get(i) + " in " + order);
            }
        }
        var steps = new ArrayList<Step>();
        for (var call : calls) {
            if (call.isRead()) {
                var seen = call.result().size();
                if (seen > order.size() || !call.result().equals(order.subList(0, seen))) {
                    return Optional.of("read " + call.result() + ", and the end is " + order);
                }
                steps.add(new Step("read of " + seen, true, call.began(), call.ended(), seen));
            } else {
                var place = order.indexOf(call.token()) + 1;
                if (place == 0) {
                    return Optional.of(
                            "acknowledged and lost: " + call.token() + " not in " + order);
                }
                steps.add(
                        new Step(
                                "append of " + call.token(),
                                false,
                                call.began(),
                                call.ended(),
                                place));
            }
        }
        return Step.firstContradiction(steps);
    }

    private static List<String> tokens(Optional<String> value) {
        return value.isEmpty() || value.get().isEmpty()
                ? List.of()
                : ENDS.splitAsStream(value.get()).toList();
    }
}
