package dev.jloop.core;

/// What a fault point throws, where the code around it does not say what: see
/// [Fault#point(String)]. Exceptions that it does name carry one of these as suppressed, so that
/// nobody takes them for real.
///
/// @since 0.1
public final class InjectedFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InjectedFault(String point) {
        super("fault point '" + point + "' fired, as the rules of the test say");
    }
}
