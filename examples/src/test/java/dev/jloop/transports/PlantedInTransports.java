package dev.jloop.transports;

import dev.jloop.examples.site.JdkCatalog;

import java.io.IOException;

/// Breaks the rules of the architecture, which their test has to notice.
public final class PlantedInTransports {
    /// A library that uses the examples.
    public static JdkCatalog upwards() throws IOException {
        return JdkCatalog.read();
    }
}
