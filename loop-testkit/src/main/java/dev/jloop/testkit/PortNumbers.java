package dev.jloop.testkit;

import java.util.OptionalInt;
import java.util.function.IntPredicate;

/// Gives out the ports of a host for whoever asks for any.
final class PortNumbers {
    private static final int FIRST = 49_152;
    private static final int LAST = 65_535;

    private int next = FIRST;

    /// {@return the next port that is not used; empty if all are}
    ///
    /// @param used tells whether a port is
    OptionalInt take(IntPredicate used) {
        for (var tries = FIRST; tries <= LAST; tries++) {
            var port = next;
            next = port == LAST ? FIRST : port + 1;
            if (!used.test(port)) {
                return OptionalInt.of(port);
            }
        }
        return OptionalInt.empty();
    }
}
