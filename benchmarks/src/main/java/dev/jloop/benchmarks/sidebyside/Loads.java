package dev.jloop.benchmarks.sidebyside;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// The load generators that this machine has.
///
/// @param tools where programs are
/// @param pinning where they run
/// @param echo the built `load.c`, or null
/// @param wrk the program `wrk`, or null
/// @param systemCalls a counter of system calls, or null
record Loads(
        Tools tools,
        Pinning pinning,
        @Nullable Path echo,
        @Nullable String wrk,
        @Nullable SystemCalls systemCalls) {
    /// Builds and finds them. Suspends.
    ///
    /// @param missing is told what is not there, and what can't be measured therefore
    static Loads find(Tools tools, Pinning pinning, Consumer<String> missing) throws IOException {
        var compiler = find("cc", "no echoes", missing);
        var echo = compiler == null ? null : tools.build("load.c", List.of(compiler, "-O2", "-o"));
        var wrk = find("wrk", "no HTTP", missing);
        var strace = find("strace", "no system calls", missing);
        var counter =
                strace == null ? null : new SystemCalls(strace, tools.path("system-calls.txt"));
        return new Loads(tools, pinning, echo, wrk, counter);
    }

    private static @Nullable String find(String program, String without, Consumer<String> missing) {
        var found = Tools.find(program);
        if (found.isEmpty()) {
            missing.accept(without + ": there is no " + program + " on the PATH");
        }
        return found.orElse(null);
    }

    /// {@return what sends the load of a cell, or null if that is missing}
    @Nullable Load of(Cell cell) throws IOException {
        return switch (cell.service()) {
            case ECHO -> echo == null ? null : new EchoLoad(echo, pinning, cell);
            case HTTP ->
                    wrk == null
                            ? null
                            : new HttpLoad(
                                    wrk,
                                    tools.unpack("greetings.lua"),
                                    pinning,
                                    cell.connections());
        };
    }

    /// {@return what measures the memory of connections, or null if the load for it is missing}
    @Nullable MemoryRun memory(int connections, Progress progress) {
        return echo == null ? null : new MemoryRun(echo, pinning, connections, progress);
    }
}
