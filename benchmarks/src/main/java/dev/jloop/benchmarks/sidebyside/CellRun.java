package dev.jloop.benchmarks.sidebyside;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// Measures all servers under one kind of load: each is started and warmed up, then they take turns
/// for some rounds, so that what else the machine does meets them all.
///
/// @param title the load in words
/// @param cell the load
/// @param load sends it
/// @param pace how long and how often
/// @param systemCalls counts them at the end, if the machine can
/// @param missing is told which servers have failed
/// @param progress is told what is done
record CellRun(
        String title,
        Cell cell,
        Load load,
        Pinning pinning,
        Pace pace,
        @Nullable SystemCalls systemCalls,
        Missing missing,
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

    /// A server that takes part.
    private record Running(Server server, List<Round> rounds) {
        String name() {
            return server.peer().name();
        }
    }

    /// Measures. Suspends. A server that fails takes no part any more, and is said to be missing.
    ///
    /// @param peers the first that does not fail is the baseline
    /// @return nothing where all have failed
    Optional<CellResult> run(List<Peer> peers) {
        var running = new ArrayList<Running>();
        try {
            peers.forEach(peer -> start(peer, running));
            for (var round = 1; round <= pace.rounds(); round++) {
                for (var each : shuffled(round, running)) {
                    progress.step(
                            title, "round " + round + " of " + pace.rounds() + ": " + each.name());
                    tryWith(
                            each,
                            running,
                            () ->
                                    each.rounds()
                                            .add(
                                                    load.measure(
                                                            each.server(),
                                                            Pace.SHORT_WARM_UP,
                                                            pace.length())));
                }
            }
            return running.isEmpty() ? Optional.empty() : Optional.of(result(running));
        } finally {
            running.forEach(each -> each.server().close());
        }
    }

    private void start(Peer peer, List<Running> running) {
        progress.step(title, "starting " + peer.name());
        var started =
                missing.tryGet(
                        about(peer.name()), () -> Server.start(peer, cell.service(), pinning));
        if (started.isPresent()) {
            var each = new Running(started.get(), new ArrayList<>());
            running.add(each);
            tryWith(each, running, () -> load.measure(each.server(), Duration.ZERO, pace.warmUp()));
        }
    }

    private void tryWith(Running each, List<Running> running, Missing.Attempt attempt) {
        if (!missing.tryAdd(about(each.name()), attempt)) {
            running.remove(each);
            each.server().close();
        }
    }

    private String about(String peer) {
        return title + ", " + peer;
    }

    /// {@return all in another order for each round, the same in each run} What one still does when
    /// its turn is over, such as to compile, is to meet not always the same one.
    static <T> List<T> shuffled(int round, List<T> all) {
        var order = new ArrayList<>(all);
        Collections.shuffle(order, new Random(round));
        return order;
    }

    private CellResult result(List<Running> running) {
        var baseline = running.getFirst();
        var results = new ArrayList<Result>();
        for (var each : running) {
            results.add(Result.of(each.name(), each.rounds(), baseline.rounds(), calls(each)));
        }
        return new CellResult(title, cell, baseline.name(), results);
    }

    private @Nullable Double calls(Running each) {
        var counter = systemCalls;
        if (counter == null) {
            return null;
        }
        progress.step(title, "system calls of " + each.name());
        return missing.tryGet(
                        about(each.name()) + ", system calls",
                        () -> load.countSystemCalls(each.server(), counter))
                .orElse(null);
    }
}
