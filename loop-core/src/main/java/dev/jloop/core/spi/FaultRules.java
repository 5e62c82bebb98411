package dev.jloop.core.spi;

/// Decides what the fault points of production code do on one loop: see [dev.jloop.core.Fault].
///
/// **Threading:** called on the loop's thread only.
///
/// @since 0.1
@FunctionalInterface
public interface FaultRules {
    /// Code of this loop has come to a fault point. May throw an unchecked exception, which the
    /// point passes on, where the rules do not fit the point.
    ///
    /// @param point its name
    /// @return what is to happen there
    FaultDecision reached(String point);
}
