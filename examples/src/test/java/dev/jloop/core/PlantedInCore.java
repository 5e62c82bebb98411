package dev.jloop.core;

import dev.jloop.core.planted.PlantedBelowCore;
import dev.jloop.transports.PlantedInTransports;

import picocli.CommandLine;

/// Breaks the rules of the architecture, which their test has to notice.
public final class PlantedInCore {
    private final PlantedBelowCore cycle = new PlantedBelowCore();
    private final CommandLine library = new CommandLine(cycle);

    /// A lower module that uses a higher one.
    public static Object above() {
        return new PlantedInTransports();
    }

    /// The core with a library that it may not have.
    public String help() {
        return library.getUsageMessage();
    }
}
