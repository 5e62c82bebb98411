package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.ContextVar;
import dev.jloop.core.Fault;
import dev.jloop.core.Task;
import dev.jloop.transports.DatagramOptions;
import dev.jloop.transports.DatagramProtocol;
import dev.jloop.transports.Net;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import javax.xml.parsers.DocumentBuilderFactory;

@Timeout(60)
class RecorderTest {
    private static final ContextVar<String> HOST = ContextVar.create("host", "test");

    /// Two hosts that talk, with every kind of thing that can be drawn.
    private static String pictureOfAConversation(long seed) {
        try (var loop = VirtualTimeLoop.seeded(seed)) {
            var recorder = Recorder.on(loop);
            recorder.lanesBy(context -> context.call(HOST::get));
            loop.faults().delay("server.think", millis(1), millis(9)).failAt("server.save", 3);
            var server = loop.createTask(() -> serve(loop, recorder), "server <&> \"loop\"");
            var client =
                    loop.createTask(
                            () -> {
                                HOST.set("client");
                                var asking =
                                        IntStream.range(0, 4)
                                                .mapToObj(number -> ask(loop, recorder, number))
                                                .toList();
                                Async.waitAll(asking);
                                asking.getLast().cancel();
                            },
                            "main");
            loop.runUntilComplete(client);
            server.cancel("over");
            loop.runReady();
            return recorder.svg("A conversation");
        }
    }

    private static Task<?> ask(VirtualTimeLoop loop, Recorder recorder, int number) {
        return Async.createTask(
                () -> {
                    var sent = loop.time();
                    Async.sleep(millis(10 + 5 * number));
                    recorder.message("client", "server", sent, loop.time(), "ask " + number);
                    if (number == 2) {
                        recorder.lostMessage("client", "server", loop.time(), "ask again");
                    }
                    Async.sleep(millis(20));
                },
                "ask " + number);
    }

    private static void serve(VirtualTimeLoop loop, Recorder recorder) {
        HOST.set("server");
        for (var request = 0; ; request++) {
            var number = request;
            Async.createTask(
                            () -> {
                                Fault.point("server.think");
                                Fault.point("server.save");
                                recorder.message(
                                        "server",
                                        "client",
                                        loop.time(),
                                        loop.time() + 8_000_000,
                                        "answer " + number);
                                recorder.message(
                                        "server",
                                        "server",
                                        loop.time(),
                                        loop.time() + 2_000_000,
                                        "log");
                            },
                            "request " + number)
                    .addDoneCallback(task -> {
                        if (!task.isCancelled() && task.exception() != null) {
                            recorder.note("failed", task.exception().getMessage());
                        }
                    });
            Async.sleep(millis(12));
        }
    }

    private static Duration millis(long count) {
        return Duration.ofMillis(count);
    }

    private static Document parse(String svg) throws Exception {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> elements(Document document, String name) {
        var found = document.getElementsByTagName(name);
        return IntStream.range(0, found.getLength())
                .mapToObj(at -> (Element) found.item(at))
                .toList();
    }

    private static List<Element> ofClass(Document document, String style) {
        return elements(document, "*").stream()
                .filter(element -> element.getAttribute("class").equals(style))
                .toList();
    }

    private static List<String> tooltips(Document document, String name, String part) {
        return elements(document, name).stream()
                .map(Element::getTextContent)
                .filter(text -> text.contains(part))
                .toList();
    }

    @Test
    void thePictureIsWellFormedAndHasAllThatHappened() throws Exception {
        var picture = parse(pictureOfAConversation(3));

        assertThat(ofClass(picture, "lane"))
                .extracting(Element::getTextContent)
                .containsExactlyInAnyOrder("test", "client", "server");
        assertThat(tooltips(picture, "rect", "ask 2: finished")).hasSize(1);
        assertThat(tooltips(picture, "rect", "server <&> \"loop\": cancelled")).hasSize(1);
        assertThat(tooltips(picture, "rect", "request 2: failed")).hasSize(1);
        assertThat(tooltips(picture, "path", "ask 1\nclient to server\nsent at 0 ns")).hasSize(1);
        assertThat(tooltips(picture, "path", "ask again"))
                .singleElement()
                .asString()
                .contains("lost");
        assertThat(tooltips(picture, "path", "server.save fires")).hasSize(1);
        assertThat(tooltips(picture, "path", "server.think waits")).isNotEmpty();
        assertThat(tooltips(picture, "path", "failed fault point 'server.save'")).hasSize(1);
        assertThat(ofClass(picture, "timer")).hasSizeGreaterThan(8);
        assertThat(ofClass(picture, "step")).hasSizeGreaterThan(10);
        assertThat(ofClass(picture, "subtitle").getFirst().getTextContent())
                .matches("seed 3, 45[.\\d]* ms of virtual time, \\d+ tasks, \\d+ messages");
    }

    @Test
    void theSameRunGivesTheSameText() {
        assertThat(pictureOfAConversation(3)).isEqualTo(pictureOfAConversation(3));
        assertThat(pictureOfAConversation(4)).isNotEqualTo(pictureOfAConversation(3));
    }

    @Test
    void barsOfOneLaneThatOverlapAreInDifferentRows() throws Exception {
        var picture = parse(pictureOfAConversation(3));
        var rows =
                elements(picture, "rect").stream()
                        .filter(bar -> bar.getTextContent().startsWith("ask "))
                        .map(bar -> bar.getAttribute("y"))
                        .toList();

        assertThat(rows).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void aTaskThatIsNotDoneIsDrawnToTheEnd() throws Exception {
        try (var loop = VirtualTimeLoop.create()) {
            var recorder = Recorder.on(loop);
            loop.background(() -> Async.sleep(Duration.ofDays(1)));
            loop.runUntilComplete(() -> Async.sleep(Duration.ofSeconds(90)));

            assertThat(tooltips(parse(recorder.svg()), "rect", "pending at the end"))
                    .singleElement()
                    .asString()
                    .contains("from 0 ns to 90 s");
        }
    }

    @Test
    void recordingDoesNotHideAFailureThatNobodyRetrieves() {
        var reports = new FailureReports();
        try (var loop = VirtualTimeLoop.create()) {
            loop.setExceptionHandler(reports);
            var recorder = Recorder.on(loop);
            loop.createTask(() -> {
                throw new IOException("lost");
            });
            loop.runUntilIdle();
            assertThat(recorder.svg()).contains("Task-1: failed");
        }

        assertThat(reports.end(_ -> {})).hasMessageContaining("lost");
    }

    @Test
    void anEmptyRunIsAPictureToo() throws Exception {
        try (var loop = VirtualTimeLoop.create()) {
            assertThat(ofClass(parse(Recorder.on(loop).svg()), "lane")).isEmpty();
        }
    }

    @Test
    void aLoopHasOneRecorder() {
        try (var loop = VirtualTimeLoop.create()) {
            assertThat(Recorder.on(loop)).isSameAs(Recorder.on(loop));
        }
    }

    @Test
    void moreThanCanBeDrawnIsCounted() throws Exception {
        try (var loop = VirtualTimeLoop.create()) {
            var recorder = Recorder.on(loop);
            for (var number = 0; number < 2007; number++) {
                recorder.message("a", "b", number, number + 1, "m" + number);
            }
            for (var number = 0; number < 4001; number++) {
                recorder.note("mark", "n" + number);
            }
            var svg = recorder.svg();
            var picture = parse(svg);

            assertThat(ofClass(picture, "subtitle").getFirst().getTextContent())
                    .contains("2000 messages; 8 events left out");
            assertThat(svg)
                    .doesNotContain("m6\n", "mark n0\n")
                    .contains("m7\n", "m2006\n", "mark n1\n", "mark n4000\n");
        }
    }

    private static final class Silent implements DatagramProtocol {
        @Override
        public void datagramReceived(ByteBuf data, SocketAddress sender) {}
    }

    @Test
    void onANetworkPacketsAreArrowsFromWhenTheyWereSentAndNoTimers() throws Exception {
        try (var loop = VirtualTimeLoop.create()) {
            var network = SimulatedNetwork.on(loop);
            network.setLatency(millis(10));
            network.setDatagramDuplication(1);
            var recorder = Recorder.on(loop);
            loop.runUntilComplete(
                    network.host("client")
                            .createTask(() -> {
                                Async.sleep(millis(5));
                                var endpoint =
                                        Net.createDatagramEndpoint(
                                                Silent::new,
                                                null,
                                                new InetSocketAddress(
                                                        network.host("server")
                                                                .addresses()
                                                                .getFirst(),
                                                        53),
                                                DatagramOptions.DEFAULTS);
                                endpoint.transport().send(ByteBuffer.wrap(new byte[7]));
                                Async.sleep(millis(50));
                                endpoint.transport().close();
                            }));
            var picture = parse(recorder.svg());

            assertThat(tooltips(picture, "path", "DATAGRAM 7"))
                    .hasSize(4) // two copies that arrive, and are lost there
                    .allMatch(text -> text.contains("sent at 5 ms"));
            assertThat(ofClass(picture, "timer")).hasSize(3); // in the legend, and the two sleeps
        }
    }

    @Test
    void aCrashIsMarkedOnTheLaneOfItsHost() throws Exception {
        try (var loop = VirtualTimeLoop.create()) {
            var network = SimulatedNetwork.on(loop);
            var recorder = Recorder.on(loop);
            network.host("server").restart();

            assertThat(ofClass(parse(recorder.svg()), "lane"))
                    .extracting(Element::getTextContent)
                    .containsExactly("server");
        }
    }

    @Test
    void whatXmlDoesNotAllowIsReplaced() throws Exception {
        try (var loop = VirtualTimeLoop.create()) {
            var recorder = Recorder.on(loop);
            recorder.note("bell", "\u0007 \uD800 <end>");

            assertThat(tooltips(parse(recorder.svg()), "path", "bell \uFFFD \uFFFD <end>"))
                    .hasSize(1);
        }
    }

    @Test
    void aMessageCannotArriveBeforeItWasSent() {
        try (var loop = VirtualTimeLoop.create()) {
            var recorder = Recorder.on(loop);

            assertThatThrownBy(() -> recorder.message("a", "b", 5, 4, "hello"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at 4 ns that was sent at 5 ns: hello");
        }
    }

    @Test
    void thePictureIsWrittenToAFileInNewDirectories(@TempDir Path directory) throws IOException {
        try (var loop = VirtualTimeLoop.create()) {
            var recorder = Recorder.on(loop);
            var file = directory.resolve("a/b/run.svg");
            recorder.write(file);

            assertThat(Files.readString(file)).isEqualTo(recorder.svg());
        }
    }

    @Test
    void timesAreMarkedAtRoundNumbersOnEveryScale() {
        for (var end :
                new long[] {1, 7, 999, 45_000_000, TimeUnit.DAYS.toNanos(3), Long.MAX_VALUE}) {
            var scale = new TimelineScale(end, 0, 100);

            assertThat(scale.ticks()).hasSizeBetween(2, 13).startsWith(0L).isSorted();
            assertThat(scale.ticks().getLast()).isLessThanOrEqualTo(end);
        }
        assertThat(TimelineScale.text(2_500_000)).isEqualTo("2.5 ms");
        assertThat(TimelineScale.text(90_000_000_000L)).isEqualTo("90 s");
        assertThat(TimelineScale.text(1_001)).isEqualTo("1.001 us");
        assertThat(TimelineScale.text(0)).isEqualTo("0 ns");
    }
}
