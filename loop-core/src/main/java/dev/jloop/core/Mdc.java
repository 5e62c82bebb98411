package dev.jloop.core;

import org.slf4j.MDC;

import java.util.Map;

/// SLF4J's MDC, which belongs to a thread, as a value that can move between threads.
final class Mdc {
    private Mdc() {}

    /// {@return whether loops carry the MDC unless their builder says otherwise}
    static boolean isCarriedByDefault() {
        var property = System.getProperty("jloop.mdc");
        return property != null && !property.equalsIgnoreCase("false");
    }

    /// {@return a copy of what this thread has}
    static Map<String, String> snapshot() {
        var values = MDC.getCopyOfContextMap();
        return values == null ? Map.of() : values;
    }

    /// Replaces what this thread has.
    static void install(Map<String, String> values) {
        if (values.isEmpty()) {
            MDC.clear(); // which is cheaper, and not every back end takes an empty map well
        } else {
            MDC.setContextMap(values);
        }
    }
}
