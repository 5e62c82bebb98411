package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.SelectorEventLoop;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// Which received buffers a loop in debug mode reports when it is closed.
class RetainedBuffersTest {
    private final EventLoop loop = SelectorEventLoop.builder().build();
    private final List<ByteBuf> kept = new ArrayList<>();

    @AfterEach
    void releaseWhatIsLeft() {
        kept.stream().filter(buffer -> buffer.refCnt() > 0).forEach(ByteBuf::release);
    }

    private void keep(ByteBuf data) {
        kept.add(data.retain());
    }

    /// Sends `messages` one by one to a protocol that keeps each, and closes the loop.
    private List<LoopException> reportsAfter(Runnable lastly, String... messages) {
        return TestRun.runAndTakeReports(
                loop,
                _ -> {
                    var server = new RecordingProtocol();
                    server.onData = this::keep;
                    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                    try (var listening = Net.createServer(() -> server, address)) {
                        var client =
                                Net.createConnection(
                                                RecordingProtocol::new,
                                                listening.addresses().getFirst())
                                        .protocol();
                        var total = 0;
                        for (var message : messages) {
                            client.transport.write(message.getBytes(US_ASCII));
                            total += message.length();
                            server.awaitBytes(total);
                        }
                        lastly.run();
                        client.transport.close();
                        server.awaitLost();
                    }
                });
    }

    @Test
    void eachRetainedBufferIsReportedWithItsSizeAndTheCallThatRetainedIt() {
        loop.setDebug(true);

        var reports = reportsAfter(() -> kept.get(1).release(), "one", "second", "third");

        assertThat(reports)
                .extracting(LoopException::message)
                .satisfiesExactly(
                        first ->
                                assertThat(first)
                                        .contains("received buffer of 3 bytes")
                                        .contains("lent to Transport["),
                        second -> assertThat(second).contains("received buffer of 5 bytes"));
        assertThat(reports)
                .allSatisfy(report ->
                        assertThat(report.createdAt().orElseThrow().getStackTrace())
                                .anySatisfy(frame ->
                                        assertThat(frame.getMethodName()).isEqualTo("keep")));
        assertThat(reports.getFirst().details()).containsEntry("buffer", kept.getFirst());
    }

    @Test
    void nothingIsWatchedOutsideDebugMode() {
        assertThat(reportsAfter(() -> {}, "one")).isEmpty();
    }

    @Test
    void aBufferThatAnotherThreadHasReleasedIsNotReported() {
        loop.setDebug(true);

        var reports =
                reportsAfter(
                        () -> {
                            var releaser =
                                    Thread.ofPlatform().start(() -> kept.getFirst().release());
                            joinUninterruptibly(releaser);
                        },
                        "one");

        assertThat(reports).isEmpty();
    }

    private static void joinUninterruptibly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupt) {
            throw new AssertionError(interrupt);
        }
    }

    @Test
    void ofABufferRetainedOverAndOverTheFirstPlacesAreKept() {
        loop.setDebug(true);

        var reports =
                reportsAfter(
                        () -> {
                            for (var time = 0; time < 1000; time++) {
                                kept.getFirst().retain();
                                kept.getFirst().release();
                            }
                        },
                        "one");

        assertThat(reports)
                .singleElement()
                .satisfies(report -> {
                    assertThat(report.message())
                            .contains("calls of retain(): 1001, references left: 1");
                    assertThat(report.createdAt().orElseThrow().getSuppressed()).hasSize(7);
                });
    }
}
