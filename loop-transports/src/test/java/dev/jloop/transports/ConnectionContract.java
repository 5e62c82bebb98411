package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.LoopException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What a connection does on any network: one subclass for each.
@ExtendWith(LeakCheck.class)
abstract class ConnectionContract {
    static final int BIG = 4 * 1024 * 1024;

    /// Runs a body on a loop with the network under test.
    abstract void onNetwork(TestRun.Body body);

    /// Two connected protocols.
    record Pair(RecordingProtocol client, RecordingProtocol server) {
        void closeBoth() {
            client.transport.abort();
            server.transport.abort();
            client.awaitLost();
            server.awaitLost();
        }
    }

    /// A test with a connection, which is cut at the end.
    @FunctionalInterface
    interface PairBody {
        void run(TestRun run, Pair pair) throws Exception;
    }

    static Pair connect(RecordingProtocol client, RecordingProtocol accepted) throws IOException {
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var server = Net.createServer(() -> accepted, loopback)) {
            Net.createConnection(() -> client, server.addresses().getFirst());
            accepted.await("made");
        }
        return new Pair(client, accepted);
    }

    void withPair(PairBody body) {
        withPair(new RecordingProtocol(), new RecordingProtocol(), body);
    }

    void withPair(RecordingProtocol client, RecordingProtocol server, PairBody body) {
        onNetwork(run -> {
            var pair = connect(client, server);
            try {
                body.run(run, pair);
            } finally {
                pair.closeBoth();
            }
        });
    }

    static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    static byte[] randomBytes(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    /// Writes to a peer that does not read until the queue has passed the high-water mark.
    static int fill(RecordingProtocol writer, RecordingProtocol stuckReader) {
        stuckReader.transport.pauseReading();
        var total = 0;
        while (!writer.events.contains("pause")) {
            writer.transport.write(new byte[50_000]);
            total += 50_000;
            Async.yieldNow();
        }
        return total;
    }

    @Test
    void eventsComeInTheirOrderAndTheEndComesOnce() {
        withPair((_, pair) -> {
            pair.client().transport.write(bytes("hello"));
            pair.client().transport.close();
            pair.server().awaitLost();
            pair.client().awaitLost();
            assertThat(pair.server().events).containsExactly("made", "data", "eof", "lost");
            assertThat(pair.client().events).containsExactly("made", "lost");
            assertThat(pair.server().text()).isEqualTo("hello");
        });
    }

    @Test
    void aConnectionWorksAfterConnectionMadeHasFailed() {
        var client = new RecordingProtocol();
        client.onConnected =
                _ -> {
                    throw new IllegalStateException("boom");
                };
        withPair(
                client,
                new RecordingProtocol(),
                (run, pair) -> {
                    pair.client().transport.write(bytes("still there"));
                    pair.server().awaitText("still there");
                    assertThat(run.takeReports())
                            .singleElement()
                            .satisfies(report -> {
                                assertThat(report.exception()).hasMessage("boom");
                                assertThat(report.details()).containsKeys("transport", "protocol");
                            });
                });
    }

    @Test
    void aFailureInDataReceivedIsReportedAndEndsTheConnectionWithIt() {
        var failure = new AssertionError("boom");
        var server = new RecordingProtocol();
        server.onData =
                _ -> {
                    throw failure;
                };
        withPair(
                new RecordingProtocol(),
                server,
                (run, pair) -> {
                    pair.client().transport.write(bytes("x"));
                    pair.server().awaitLost();
                    assertThat(pair.server().events).containsExactly("made", "data", "broken");
                    assertThat(pair.server().lossCause).isSameAs(failure);
                    assertThat(run.takeReports())
                            .singleElement()
                            .extracting(LoopException::exception)
                            .isSameAs(failure);
                });
    }

    @Test
    void aProtocolThatKeepsOpenAfterTheEndOfTheStreamCanStillWrite() {
        var server = new RecordingProtocol();
        server.keepOpen = true;
        var client = new RecordingProtocol();
        client.keepOpen = true;
        withPair(
                client,
                server,
                (_, pair) -> {
                    pair.client().transport.writeEof();
                    pair.server().await("eof");
                    assertThat(pair.server().transport.isReading()).isFalse();
                    assertThat(pair.server().transport.isClosing()).isFalse();
                    pair.server().transport.write(bytes("answer"));
                    pair.server().transport.close();
                    pair.client().await("eof");
                    assertThat(pair.client().text()).isEqualTo("answer");
                });
    }

    @Test
    void readingPausedInConnectionMadeStartsWithResumeReading() {
        var server = new RecordingProtocol();
        server.onConnected = Transport::pauseReading;
        withPair(
                new RecordingProtocol(),
                server,
                (_, pair) -> {
                    pair.client().transport.write(bytes("early"));
                    for (var turn = 0; turn < 10; turn++) {
                        Async.yieldNow();
                    }
                    assertThat(pair.server().received.size()).isZero();
                    pair.server().transport.resumeReading();
                    pair.server().awaitText("early");
                });
    }

    @Test
    void pausingAndResumingTwiceIsTheSameAsOnceAndHarmlessAfterClose() {
        withPair((_, pair) -> {
            var transport = pair.server().transport;
            transport.pauseReading();
            transport.pauseReading();
            assertThat(transport.isReading()).isFalse();
            transport.resumeReading();
            transport.resumeReading();
            assertThat(transport.isReading()).isTrue();
            transport.close();
            transport.pauseReading();
            transport.resumeReading();
            assertThat(transport.isReading()).isFalse();
        });
    }

    @Test
    void whatIsWrittenAfterCloseIsDroppedAndItsBuffersAreReleased() {
        withPair((_, pair) -> {
            var transport = pair.client().transport;
            transport.write(bytes("last"));
            transport.close();
            var buffer = Unpooled.directBuffer().writeBytes(bytes("never"));
            transport.write(buffer);
            transport.write(bytes("never"));
            var nio = ByteBuffer.wrap(bytes("never"));
            transport.write(nio);
            transport.writev(List.of(ByteBuffer.wrap(bytes("never"))));
            transport.writeEof();
            pair.server().awaitLost();
            assertThat(buffer.refCnt()).isZero();
            assertThat(nio.hasRemaining()).isFalse();
            assertThat(pair.server().text()).isEqualTo("last");
        });
    }

    @Test
    void writeEofEndsTheOutputAfterEverythingWasSent() {
        var server = new RecordingProtocol();
        server.keepOpen = true;
        var data = randomBytes(BIG);
        withPair(
                new RecordingProtocol(),
                server,
                (_, pair) -> {
                    pair.client().transport.write(data);
                    assertThat(pair.client().transport.writeBufferSize()).isPositive();
                    pair.client().transport.writeEof();
                    pair.client().transport.writeEof();
                    pair.server().await("eof");
                    assertThat(pair.server().received.toByteArray()).isEqualTo(data);
                    pair.server().transport.write(bytes("back"));
                    pair.client().awaitText("back");
                });
    }

    @Test
    void writingAfterWriteEofIsRefusedAndTheBufferReleased() {
        withPair((_, pair) -> {
            pair.client().transport.writeEof();
            var buffer = Unpooled.directBuffer().writeByte(1);
            assertThatThrownBy(() -> pair.client().transport.write(buffer))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("after writeEof()");
            assertThat(buffer.refCnt()).isZero();
            assertThatThrownBy(() -> pair.client().transport.write(bytes("x")))
                    .isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void writingPausesAboveTheHighWaterMarkAndResumesAtTheLow() {
        withPair((_, pair) -> {
            var total = fill(pair.client(), pair.server());
            assertThat(pair.client().transport.writeBufferSize()).isGreaterThan(64 * 1024);
            pair.server().transport.resumeReading();
            pair.client().await("resume");
            assertThat(pair.client().transport.writeBufferSize()).isLessThanOrEqualTo(16 * 1024);
            pair.server().awaitBytes(total);
            assertThat(pair.client().events).containsExactly("made", "pause", "resume");
        });
    }

    @Test
    void aProtocolMayWriteWhenWritingResumes() {
        withPair((_, pair) -> {
            var total = fill(pair.client(), pair.server());
            pair.client().onResume = () -> pair.client().transport.write(new byte[1000]);
            pair.server().transport.resumeReading();
            pair.server().awaitBytes(total + 1000);
        });
    }

    @Test
    void aLowerHighWaterMarkPausesAtOnceAndWrongMarksAreRefused() {
        withPair((_, pair) -> {
            var transport = pair.client().transport;
            transport.setWriteBufferLimits(BIG, 0);
            pair.server().transport.pauseReading();
            while (transport.writeBufferSize() == 0) {
                transport.write(new byte[50_000]);
                Async.yieldNow();
            }
            assertThat(pair.client().events).containsExactly("made");
            transport.setWriteBufferLimits(256);
            assertThat(pair.client().events).containsExactly("made", "pause");
            transport.setWriteBufferLimits(BIG, BIG);
            assertThat(pair.client().events).containsExactly("made", "pause", "resume");
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("high was 1 and low was 2");
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1, -1))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void abortDropsWhatIsQueuedOnceAndThePeerSeesAReset() {
        withPair((_, pair) -> {
            fill(pair.client(), pair.server());
            pair.client().transport.abort();
            pair.client().transport.abort();
            pair.client().transport.close();
            assertThat(pair.client().transport.writeBufferSize()).isZero();
            assertThat(pair.client().transport.isClosing()).isTrue();
            assertThat(pair.client().events).doesNotContain("lost");
            pair.client().await("lost");
            pair.server().transport.resumeReading();
            pair.server().await("broken");
            assertThat(pair.client().events).containsExactly("made", "pause", "lost");
            assertThat(pair.server().lossCause).isInstanceOf(IOException.class);
        });
    }

    @Test
    void abortWithNothingQueuedLooksToThePeerLikeARegularEnd() {
        withPair((_, pair) -> {
            pair.client().transport.abort();
            pair.server().awaitLost();
            assertThat(pair.server().events).containsExactly("made", "eof", "lost");
        });
    }

    @Test
    void closeSendsEverythingFirst() {
        var data = randomBytes(BIG);
        withPair((_, pair) -> {
            pair.client().transport.write(Unpooled.wrappedBuffer(data));
            pair.client().transport.close();
            pair.server().awaitLost();
            assertThat(pair.server().received.toByteArray()).isEqualTo(data);
            assertThat(pair.client().events).endsWith("lost");
        });
    }

    @Test
    void everyWayOfWritingKeepsTheOrder() {
        withPair((_, pair) -> {
            var transport = pair.client().transport;
            var reused = bytes("a");
            transport.write(reused);
            reused[0] = 'X';
            transport.write(Unpooled.copiedBuffer("b", US_ASCII));
            transport.write(ByteBuffer.wrap(bytes("cc")));
            transport.write(new byte[0]);
            transport.writev(List.of(ByteBuffer.wrap(bytes("d")), ByteBuffer.wrap(bytes("e"))));
            transport.write(Unpooled.wrappedBuffer(bytes("f"), bytes("g")));
            transport.write(bytes("h"));
            pair.server().awaitText("abccdefgh");
        });
    }

    @Test
    void aRetainedBufferKeepsItsBytesWhileReadingGoesOn() {
        var kept = new ArrayList<ByteBuf>();
        var server = new RecordingProtocol();
        server.onData =
                data -> {
                    kept.add(data.retain());
                    server.transport.write(bytes("next"));
                };
        withPair(
                new RecordingProtocol(),
                server,
                (_, pair) -> {
                    for (var round = 1; round <= 3; round++) {
                        pair.client().transport.write(bytes("data" + round));
                        pair.client().awaitBytes(4 * round);
                    }
                    assertThat(kept)
                            .extracting(data -> data.toString(US_ASCII))
                            .containsExactly("data1", "data2", "data3");
                    kept.forEach(ByteBuf::release);
                });
    }

    @Test
    void aProtocolThatReleasesWhatItBorrowedIsToldSo() {
        var server = new RecordingProtocol();
        server.onData = ByteBuf::release;
        withPair(
                new RecordingProtocol(),
                server,
                (run, pair) -> {
                    pair.client().transport.write(bytes("x"));
                    pair.server().awaitLost();
                    assertThat(run.takeReports())
                            .singleElement()
                            .satisfies(report ->
                                    assertThat(report.exception())
                                            .hasMessageContaining("only borrowed"));
                });
    }

    /// Reads into one small array.
    private static final class SmallBuffers implements BufferedProtocol {
        private final ByteBuffer buffer;
        private final RecordingProtocol notes;

        SmallBuffers(int capacity, RecordingProtocol notes) {
            buffer = ByteBuffer.allocate(capacity);
            this.notes = notes;
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) {
            return buffer.clear();
        }

        @Override
        public void bufferUpdated(int count) {
            assertThat(buffer.position()).isEqualTo(count);
            notes.dataReceived(Unpooled.wrappedBuffer(buffer.flip()));
        }

        @Override
        public void connectionLost(Throwable cause) {
            notes.connectionLost(cause);
        }
    }

    @Test
    void anotherProtocolOfTheBufferedKindTakesOver() {
        withPair((_, pair) -> {
            pair.client().transport.write(bytes("plain"));
            pair.server().awaitText("plain");
            pair.server().transport.setProtocol(new SmallBuffers(3, pair.server()));
            pair.client().transport.write(bytes(" and buffered"));
            pair.server().awaitText("plain and buffered");
            assertThatThrownBy(() -> pair.server().transport.setProtocol(new Protocol() {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must implement StreamingProtocol or BufferedProtocol");
        });
    }

    @Test
    void aBufferWithoutSpaceEndsTheConnection() {
        withPair((run, pair) -> {
            pair.server().transport.setProtocol(new SmallBuffers(0, pair.server()));
            pair.client().transport.write(bytes("x"));
            pair.server().await("broken");
            assertThat(run.takeReports())
                    .singleElement()
                    .satisfies(report ->
                            assertThat(report.exception()).hasMessageContaining("without space"));
        });
    }

    @Test
    void aPartOfAFileIsSentAfterWhatWasWrittenBefore(@TempDir Path folder) throws IOException {
        var data = randomBytes(BIG);
        var path = Files.write(folder.resolve("file"), data);
        withPair((_, pair) -> {
            try (var file = FileChannel.open(path)) {
                pair.client().transport.write(new byte[100_000]);
                var sent = pair.client().transport.sendFile(file, 1000, Long.MAX_VALUE);
                pair.client().transport.write(bytes("end"));
                pair.server().awaitBytes(100_000 + BIG - 1000 + 3);
                assertThat(sent).isEqualTo(BIG - 1000);
                var received = pair.server().received.toByteArray();
                assertThat(
                                java.util.Arrays.mismatch(
                                        received, 100_000, 100_000 + BIG - 1000, data, 1000, BIG))
                        .isEqualTo(-1);
            }
        });
    }

    @Test
    void whileAFileIsSentNothingElseCanBeWrittenAndALossEndsIt(@TempDir Path folder)
            throws IOException {
        var path = Files.write(folder.resolve("file"), new byte[BIG]);
        withPair((run, pair) -> {
            pair.server().transport.pauseReading();
            try (var file = FileChannel.open(path)) {
                var transport = pair.client().transport;
                var sending = run.loop.createTask(() -> transport.sendFile(file, 0, BIG), "sender");
                for (var turn = 0; turn < 20; turn++) {
                    Async.yieldNow();
                }
                assertThatThrownBy(() -> transport.write(bytes("x")))
                        .hasMessageContaining("while sendFile() runs");
                assertThatThrownBy(() -> transport.sendFile(file, 0, 1))
                        .hasMessageContaining("sending one already");
                assertThatThrownBy(() -> transport.sendFile(file, 0, 0))
                        .hasMessageContaining("count was 0");
                transport.abort();
                assertThatThrownBy(sending::await)
                        .hasRootCauseMessage("connection lost while a file was sent");
                pair.client().await("lost");
            }
        });
    }

    @Test
    void addressesAreToldOnBothSides() {
        withPair((_, pair) -> {
            var client = pair.client().transport;
            var server = pair.server().transport;
            assertThat(client.extra(Key.LOCAL_ADDRESS)).isEqualTo(server.extra(Key.PEER_ADDRESS));
            assertThat(server.extra(Key.LOCAL_ADDRESS)).isEqualTo(client.extra(Key.PEER_ADDRESS));
        });
    }
}
