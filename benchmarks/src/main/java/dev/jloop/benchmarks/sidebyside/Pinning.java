package dev.jloop.benchmarks.sidebyside;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Which processor each side runs on.
///
/// @param taskset the program that sees to it; null where each side runs wherever the system likes
/// @param server the processor of servers
/// @param load that of load generators
record Pinning(@Nullable String taskset, int server, int load) {
    /// Servers and load generators share all processors.
    static final Pinning NONE = new Pinning(null, 0, 0);

    private static final String ALLOWED = "Cpus_allowed_list:";

    /// {@return the first two processors that this process may use}
    ///
    /// @throws IOException if there is only one, no `taskset`, or no list of them
    static Pinning here() throws IOException {
        var taskset = Tools.find("taskset");
        if (taskset.isEmpty()) {
            throw new IOException("there is no taskset on the PATH");
        }
        for (var line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(ALLOWED)) {
                var allowed = processors(line.substring(ALLOWED.length()).strip());
                if (allowed.size() < 2) {
                    throw new IOException("there is but one processor");
                }
                return new Pinning(taskset.get(), allowed.get(0), allowed.get(1));
            }
        }
        throw new IOException("the system does not tell which processors may be used");
    }

    /// {@return the numbers in a list of numbers and ranges, such as `0-1,4`}
    static List<Integer> processors(String list) {
        var all = new ArrayList<Integer>();
        for (var range : list.split(",", -1)) {
            var ends = range.split("-", -1);
            var last = Integer.parseInt(ends[ends.length - 1]);
            for (var processor = Integer.parseInt(ends[0]); processor <= last; processor++) {
                all.add(processor);
            }
        }
        return all;
    }

    boolean isEffective() {
        return taskset != null;
    }

    List<String> server(List<String> command) {
        return on(server, command);
    }

    List<String> load(List<String> command) {
        return on(load, command);
    }

    private List<String> on(int processor, List<String> command) {
        return taskset == null
                ? command
                : Stream.concat(Stream.of(taskset, "-c", "" + processor), command.stream())
                        .toList();
    }
}
