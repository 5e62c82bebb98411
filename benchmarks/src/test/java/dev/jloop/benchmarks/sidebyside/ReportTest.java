package dev.jloop.benchmarks.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;

import dev.jloop.benchmarks.scheduler.SchedulerCells;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;

class ReportTest {
    private static final CellResult CELL = cell();

    private static CellResult cell() {
        var slow = List.of(new Round(100, 10, 20, 30, 8000, 64.0));
        var fast = List.of(new Round(200, 5, 10, 15, 4000, null));
        return new CellResult(
                "echo <1 KiB>",
                Cell.ALL.getFirst(),
                "c",
                List.of(Result.of("c", fast, fast, 2.5), Result.of("jloop", slow, fast, null)));
    }

    @Test
    void theFileHoldsEveryRoundAndTheRatio(@TempDir Path folder) throws Exception {
        report().write(folder);

        var root = new ObjectMapper().readTree(folder.resolve("bench.json").toFile());
        var jloop = root.at("/cells/0/results/1");
        assertThat(jloop.at("/peer").asText()).isEqualTo("jloop");
        assertThat(jloop.at("/cpuRatio/median").asDouble()).isEqualTo(2);
        assertThat(jloop.at("/rounds/0/allocatedBytes").asDouble()).isEqualTo(64);
        assertThat(jloop.at("/systemCalls").isNull()).isTrue();
        assertThat(jloop.at("/rounds/0/busy").asDouble()).isCloseTo(0.0008, within(1e-12));
        assertThat(root.at("/machine/loadProcessor").asInt()).isEqualTo(3);
        assertThat(root.at("/missing/0").asText()).isEqualTo("no Go");
    }

    @Test
    void aSchedulerCellWithoutATargetIsHeldToItsFirstPeer(@TempDir Path folder) throws Exception {
        report().write(folder);

        var rows =
                new ObjectMapper().readTree(folder.resolve("bench.json").toFile()).at("/scheduler");
        assertThat(rows.at("/0/cell/target").isNull()).isTrue();
        assertThat(rows.at("/0/limit").asDouble()).isEqualTo(300);
        assertThat(rows.at("/0/met").asBoolean()).isTrue();
        assertThat(rows.at("/1/cell/target").asDouble()).isEqualTo(10);
        assertThat(rows.at("/1/met").asBoolean()).isFalse();
    }

    @Test
    void theTableOfTheSchedulerShowsSpreads() {
        var out = new ByteArrayOutputStream();
        new Table(new PrintStream(out, true, StandardCharsets.UTF_8))
                .printScheduler(List.of(row(null)));

        assertThat(out.toString(StandardCharsets.UTF_8).lines().toList().get(2))
                .matches("ping-pong +200 +150-250 +300 +Netty 300 \\(290-310\\)");
    }

    private static SchedulerCells.Row row(@Nullable Double target) {
        var cell =
                new SchedulerCells.Cell(
                        "ping-pong",
                        SchedulerCells.Unit.NANOSECONDS,
                        target,
                        "Ours.pingPong",
                        List.of(new SchedulerCells.Peer("Netty", "Ours.nettyPingPong")));
        return new SchedulerCells.Row(
                cell,
                new SchedulerCells.Score("jloop", 200, 150, 250),
                List.of(new SchedulerCells.Score("Netty", 300, 290, 310)));
    }

    @Test
    void theChartHasABarForEachServer(@TempDir Path folder) throws Exception {
        report().write(folder);

        var svg =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(folder.resolve("bench.svg").toFile());
        assertThat(svg.getElementsByTagName("rect").getLength()).isEqualTo(1 + 2);
        assertThat(svg.getDocumentElement().getTextContent())
                .contains("echo <1 KiB>", "jloop", "2.00   (8.00 us)");
    }

    @Test
    void theTableSaysWhatIsNotKnown() {
        var out = new ByteArrayOutputStream();
        new Table(new PrintStream(out, true, StandardCharsets.UTF_8)).print(CELL);

        var lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.get(1)).isEqualTo("echo <1 KiB>");
        assertThat(lines.get(3))
                .matches("c +200 +5 +10 +15 +4\\.00 +0\\.00 +1\\.00 +1\\.00-1\\.00 +2\\.50 +-");
        assertThat(lines.get(4)).matches("jloop +100 .* 2\\.00-2\\.00 +- +64");
    }

    private static Report report() throws IOException {
        return new Report(
                Report.now(),
                Report.Machine.here(new Pinning("taskset", 2, 3)),
                List.of("no Go"),
                List.of(CELL),
                List.of(new ConnectionMemory("c", 100, null, null)),
                List.of(row(null), row(10.0)));
    }
}
