package dev.jloop.benchmarks.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jloop.benchmarks.peers.Service;
import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Real servers and a real load, for a moment each.
class CellRunTest {
    private static final CellRun.Pace SHORT =
            new CellRun.Pace(1, Duration.ofMillis(100), Duration.ofMillis(100));

    private static final Cell CELL = Cell.QUICK.getFirst();

    @TempDir private Path folder;

    private final List<String> said = new ArrayList<>();
    private final Missing missing = new Missing(said::add);

    @Test
    void serversAreMeasuredAndTheirSystemCallsCounted() {
        assumeTrue(hasCompiler());
        var result = run(List.of());

        assertThat(result.results())
                .extracting(Result::peer)
                .containsExactly("c-epoll", "selector");
        for (var each : result.results()) {
            assertThat(each.rounds()).hasSize(1);
            assertThat(each.rounds().getFirst().requestsPerSecond()).isPositive();
            assertThat(each.rounds().getFirst().cpuNanos()).isPositive();
            if (each.systemCalls() != null) { // else strace is missing, or may not attach
                assertThat(each.systemCalls()).isBetween(1.0, 3.0);
            }
        }
        assertThat(result.results().getFirst().allocatedBytes()).isNull();
        assertThat(result.results().getLast().allocatedBytes()).isNotNegative();
    }

    @Test
    void aServerThatFailsIsMissingAndTheOthersAreMeasured() {
        assumeTrue(hasCompiler());
        var failing = new Peer("failing", Map.of(Service.ECHO, List.of("false")), false);
        var absent = new Peer("absent", Map.of(Service.ECHO, List.of("./no-such-program")), false);
        var result = run(List.of(failing, absent));

        assertThat(result.baseline()).isEqualTo("c-epoll");
        assertThat(result.results()).hasSize(2);
        assertThat(said)
                .anyMatch(line -> line.contains("failing") && line.contains("exit code 1"))
                .anyMatch(line -> line.contains("absent"));
    }

    private static boolean hasCompiler() {
        return Tools.find("cc").isPresent() && System.getProperty("os.name").equals("Linux");
    }

    private CellResult run(List<Peer> before) {
        return Async.run(() -> measure(before));
    }

    private CellResult measure(List<Peer> before) throws IOException {
        var tools = Tools.in(folder);
        var loads = Loads.find(tools, Pinning.NONE, missing);
        var peers = new ArrayList<>(before);
        Peers.find(tools, Map.of(), missing).stream()
                .filter(peer -> List.of("c-epoll", "selector").contains(peer.name()))
                .forEach(peers::add);
        var load = loads.of(CELL);
        assertThat(load).isNotNull();
        return new CellRun(
                        CELL.title(),
                        CELL,
                        load,
                        Pinning.NONE,
                        SHORT,
                        loads.systemCalls(),
                        missing,
                        new Progress())
                .run(peers)
                .orElseThrow();
    }

    @Test
    void eachRoundHasAnOrderOfItsOwnSoThatNobodyAlwaysFollowsTheSame() {
        var peers = List.of("a", "b", "c", "d", "e");
        var before = new HashSet<String>();
        for (var round = 1; round <= 7; round++) {
            var order = CellRun.shuffled(round, peers);
            assertThat(order).containsExactlyInAnyOrderElementsOf(peers);
            var place = order.indexOf("c");
            before.add(place == 0 ? "" : order.get(place - 1));
        }
        assertThat(before).hasSizeGreaterThan(2);
    }
}
