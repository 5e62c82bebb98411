package dev.jloop.benchmarks.sidebyside;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The load generators that this machine has.
///
/// @param pinning where they run
/// @param echo the built `load.c`, or null
/// @param wrk the program `wrk`, or null
/// @param script with which `wrk` tells what it saw, or null
/// @param systemCalls a counter of system calls, or null
record Loads(
        Pinning pinning,
        @Nullable Path echo,
        @Nullable String wrk,
        @Nullable Path script,
        @Nullable SystemCalls systemCalls) {
    /// Builds and finds them. Suspends.
    ///
    /// @param missing is told what is not there, and what can't be measured therefore
    static Loads find(Tools tools, Pinning pinning, Missing missing) {
        var echo = missing.tryGet("no echoes", () -> tools.build("load.c", compiler()));
        var wrk = missing.tryGet("no HTTP", () -> Tools.require("wrk"));
        var script = missing.tryGet("no HTTP", () -> tools.unpack("greetings.lua"));
        var systemCalls = missing.tryGet("no system calls", () -> systemCalls(tools));
        return new Loads(
                pinning,
                echo.orElse(null),
                wrk.orElse(null),
                script.orElse(null),
                systemCalls.orElse(null));
    }

    private static List<String> compiler() throws IOException {
        return List.of(Tools.require("cc"), "-O2", "-o");
    }

    private static SystemCalls systemCalls(Tools tools) throws IOException {
        var counter = new SystemCalls(Tools.require("strace"), tools.path("system-calls.txt"));
        counter.probe();
        return counter;
    }

    /// {@return what sends the load of a cell, or null if that is missing}
    @Nullable Load of(Cell cell) {
        return switch (cell.service()) {
            case ECHO -> echo == null ? null : new EchoLoad(echo, pinning, cell);
            case HTTP ->
                    wrk == null || script == null
                            ? null
                            : new HttpLoad(wrk, script, pinning, cell.connections());
        };
    }

    /// {@return the same on processors of the system's choice}
    Loads unpinned() {
        return new Loads(Pinning.NONE, echo, wrk, script, systemCalls);
    }

    /// {@return what measures the memory of connections, or null if the load for it is missing}
    @Nullable MemoryRun memory(int connections, Missing missing, Progress progress) {
        return echo == null ? null : new MemoryRun(echo, pinning, connections, missing, progress);
    }
}
