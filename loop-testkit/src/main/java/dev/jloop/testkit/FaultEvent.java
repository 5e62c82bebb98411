package dev.jloop.testkit;

import dev.jloop.core.spi.FaultDecision;

/// A fault point was reached, and this was decided.
///
/// @param point its name
/// @param decision what it does
record FaultEvent(String point, FaultDecision decision) {
    boolean doesSomething() {
        return decision.fires() || decision.delay() != null;
    }

    /// {@return such as `disk.write waits PT0.01S and fires`}
    @Override
    public String toString() {
        if (!doesSomething()) {
            return point + " passes";
        }
        var wait = decision.delay() == null ? "" : " waits " + decision.delay();
        var fault = decision.fires() ? " fires" : "";
        return point + wait + (wait.isEmpty() || fault.isEmpty() ? "" : " and") + fault;
    }
}
