package dev.jloop.benchmarks.sidebyside;

import java.util.List;
import java.util.stream.Stream;

/// Which processor each side runs on.
///
/// @param server goes before the command of a server
/// @param load goes before the command of a load generator
record Pinning(List<String> server, List<String> load) {
    /// {@return the server on the first processor and the load on the second, where the system can
    /// do that and there are two; otherwise wherever the system likes}
    static Pinning here() {
        var taskset = Tools.find("taskset");
        if (taskset.isEmpty() || Runtime.getRuntime().availableProcessors() < 2) {
            return new Pinning(List.of(), List.of());
        }
        return new Pinning(List.of(taskset.get(), "-c", "0"), List.of(taskset.get(), "-c", "1"));
    }

    boolean isEffective() {
        return !server.isEmpty();
    }

    List<String> server(List<String> command) {
        return concat(server, command);
    }

    List<String> load(List<String> command) {
        return concat(load, command);
    }

    private static List<String> concat(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
