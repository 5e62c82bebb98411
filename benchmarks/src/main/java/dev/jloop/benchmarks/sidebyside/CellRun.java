package dev.jloop.benchmarks.sidebyside;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Measures all servers under one kind of load: each is started and warmed up, then they take turns
/// for some rounds, so that what else the machine does meets them all.
///
/// @param cell the load in words
/// @param load sends it
/// @param pace how long and how often
/// @param systemCalls counts them at the end, if the machine can
/// @param progress is told what is done
record CellRun(
        Cell cell,
        Load load,
        Pinning pinning,
        Pace pace,
        @Nullable SystemCalls systemCalls,
        Progress progress) {
    /// How long and how often is measured.
    ///
    /// @param rounds how often
    /// @param warmUp how long each server is loaded before the first round
    /// @param length how long it is measured in each round
    record Pace(int rounds, Duration warmUp, Duration length) {
        /// What a server may have forgotten since its last turn.
        static final Duration SHORT_WARM_UP = Duration.ofMillis(200);
    }

    /// Measures. Suspends.
    ///
    /// @param peers at least one; the first is the baseline
    CellResult run(List<Peer> peers) throws IOException {
        var servers = new LinkedHashMap<Server, List<Round>>();
        try {
            for (var peer : peers) {
                progress.step(cell.title(), "starting " + peer.name());
                var server = Server.start(peer, cell.service(), pinning);
                servers.put(server, new ArrayList<>());
                load.measure(server, Duration.ZERO, pace.warmUp());
            }
            for (var round = 1; round <= pace.rounds(); round++) {
                for (var entry : servers.entrySet()) {
                    var name = entry.getKey().peer().name();
                    progress.step(
                            cell.title(), "round " + round + " of " + pace.rounds() + ": " + name);
                    entry.getValue()
                            .add(load.measure(entry.getKey(), Pace.SHORT_WARM_UP, pace.length()));
                }
            }
            return result(servers);
        } finally {
            servers.keySet().forEach(Server::close);
        }
    }

    private CellResult result(Map<Server, List<Round>> servers) throws IOException {
        var baseline = Objects.requireNonNull(servers.values().iterator().next());
        var results = new ArrayList<Result>();
        for (var entry : servers.entrySet()) {
            var name = entry.getKey().peer().name();
            progress.step(cell.title(), "system calls of " + name);
            var counted =
                    systemCalls == null ? null : load.countSystemCalls(entry.getKey(), systemCalls);
            results.add(Result.of(name, entry.getValue(), baseline, counted));
        }
        return new CellResult(cell.title(), cell, results.getFirst().peer(), results);
    }
}
