package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.SelectorEventLoop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/// What the two ends of a pipe do, whatever it is made of: one subclass for each kind.
@ExtendWith(LeakCheck.class)
abstract class PipeContract {
    private static final int BIG = 10 * 1024 * 1024;

    @TempDir private Path folder;

    /// The two ends of a pipe, as transports.
    interface Ends {
        Connection<RecordingProtocol> reader(RecordingProtocol protocol) throws IOException;

        Connection<RecordingProtocol> writer(RecordingProtocol protocol) throws IOException;

        /// Closes what has not become a transport.
        void close() throws IOException;
    }

    abstract Ends open() throws IOException;

    /// A test with both ends, which are cut at the end.
    @FunctionalInterface
    private interface Body {
        void run(TestRun run, RecordingProtocol reader, RecordingProtocol writer) throws Exception;
    }

    private void withPipe(Body body) {
        withPipe(new RecordingProtocol(), body);
    }

    private void withPipe(RecordingProtocol reader, Body body) {
        TestRun.onSockets(run -> {
            var ends = open();
            try {
                var writer = new RecordingProtocol();
                ends.reader(reader);
                ends.writer(writer);
                try {
                    body.run(run, reader, writer);
                } finally {
                    writer.transport.abort();
                    writer.awaitLost();
                    reader.transport.abort();
                    reader.awaitLost();
                }
            } finally {
                ends.close();
            }
        });
    }

    private static byte[] bytes(String text) {
        return ConnectionPairs.bytes(text);
    }

    @Test
    void whatIsWrittenArrivesAndTheEndComesInOrderAndOnce() {
        withPipe((_, reader, writer) -> {
            writer.transport.write(bytes("hello"));
            writer.transport.close();
            writer.awaitLost();
            reader.awaitLost();
            assertThat(reader.text()).isEqualTo("hello");
            assertThat(reader.events).containsExactly("made", "data", "eof", "lost");
            assertThat(writer.events).containsExactly("made", "lost");
        });
    }

    @Test
    void theEndOfAReadPipeIsTheEndOfItsTransportEvenWhereTheProtocolKeepsOpen() {
        var reader = new RecordingProtocol();
        reader.keepOpen = true;
        withPipe(
                reader,
                (run, _, writer) -> {
                    writer.transport.close();
                    reader.await("eof");
                    assertThat(reader.transport.isClosing()).isTrue();
                    assertThat(reader.transport.isReading()).isFalse();
                    Async.yieldNow();
                    assertThat(reader.events).containsExactly("made", "eof", "lost");
                    assertThat(run.loop.isRunning()).isTrue();
                });
    }

    @Test
    void tlsIsRefusedForAPipeWhichGoesOn() {
        withPipe((_, reader, writer) -> {
            var tls = TlsOptions.server(TestCertificates.server());
            for (var end : List.of(reader, writer)) {
                assertThatThrownBy(() -> Net.startTls(end.transport, end, tls))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining(
                                end == reader ? "only be read" : "one direction only");
            }
            writer.transport.write(bytes("still there"));
            reader.awaitText("still there");
        });
    }

    @Test
    void endingTheOutputOfAWritePipeClosesIt() {
        withPipe((_, reader, writer) -> {
            assertThat(writer.transport.canWriteEof()).isTrue();
            writer.transport.write(bytes("all"));
            writer.transport.writeEof();
            writer.transport.writeEof();
            assertThat(writer.transport.isClosing()).isTrue();
            assertThatThrownBy(() -> writer.transport.write(bytes("more")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("writeEof");
            reader.awaitLost();
            writer.awaitLost();
            assertThat(reader.text()).isEqualTo("all");
            assertThat(writer.events).containsExactly("made", "lost");
        });
    }

    @Test
    void tenMebibytesGoThroughUnharmedWithFlowControl() {
        withPipe((_, reader, writer) -> {
            var data = ConnectionPairs.randomBytes(BIG);
            writer.transport.write(data);
            assertThat(writer.events).containsExactly("made", "pause");
            writer.transport.close();
            reader.awaitLost();
            writer.awaitLost();
            assertThat(reader.received.toByteArray()).isEqualTo(data);
            assertThat(writer.events).containsExactly("made", "pause", "resume", "lost");
        });
    }

    @Test
    void aPausedReaderHoldsTheWriterBackAndLosesNothing() {
        var reader = new RecordingProtocol();
        reader.onData = _ -> reader.transport.pauseReading();
        withPipe(
                reader,
                (_, _, writer) -> {
                    writer.transport.write(new byte[BIG]);
                    reader.await("data");
                    var received = reader.received.size();
                    for (var turn = 0; turn < 100; turn++) {
                        Async.yieldNow();
                    }
                    assertThat(reader.received.size()).isEqualTo(received).isLessThan(BIG / 4);
                    assertThat(reader.transport.isReading()).isFalse();
                    assertThat(writer.transport.writeBufferSize()).isGreaterThan(BIG / 2);
                    reader.onData = _ -> {};
                    reader.transport.resumeReading();
                    writer.transport.close();
                    reader.awaitLost();
                    assertThat(reader.received.size()).isEqualTo(BIG);
                });
    }

    @Test
    void aReaderPausedFromTheStartReadsNothingUntilItIsResumed() {
        var reader = new RecordingProtocol();
        reader.onConnected = Transport::pauseReading;
        withPipe(
                reader,
                (_, _, writer) -> {
                    writer.transport.write(bytes("early"));
                    for (var turn = 0; turn < 100; turn++) {
                        Async.yieldNow();
                    }
                    assertThat(reader.events).containsExactly("made");
                    reader.transport.resumeReading();
                    reader.awaitText("early");
                });
    }

    @Test
    void aReaderThatHasGoneBreaksThePipeOfWhoWrites() {
        withPipe((_, reader, writer) -> {
            writer.transport.write(new byte[BIG]);
            reader.await("data");
            reader.transport.close();
            writer.awaitLost();
            assertThat(writer.events).containsSubsequence("made", "pause", "broken");
            assertThat(writer.lossCause)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("Broken pipe");
            assertThat(reader.events).endsWith("lost");
        });
    }

    @Test
    void aWriteAfterTheReaderHasGoneBreaksThePipe() {
        withPipe((_, reader, writer) -> {
            reader.transport.close();
            reader.awaitLost();
            while (!writer.transport.isClosing()) {
                writer.transport.write(bytes("anybody there?"));
                Async.yieldNow();
            }
            writer.awaitLost();
            assertThat(writer.lossCause)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("Broken pipe");
        });
    }

    @Test
    void anAbortedWriterDropsWhatIsQueued() {
        var reader = new RecordingProtocol();
        reader.onConnected = Transport::pauseReading;
        withPipe(
                reader,
                (_, _, writer) -> {
                    writer.transport.write(new byte[BIG]);
                    writer.transport.abort();
                    writer.awaitLost();
                    assertThat(writer.events).endsWith("lost");
                    assertThat(writer.transport.isAborted()).isTrue();
                    reader.transport.resumeReading();
                    reader.awaitLost();
                    assertThat(reader.received.size()).isLessThan(BIG);
                });
    }

    @Test
    void theDirectionThatAPipeLacksIsRefused() {
        withPipe((_, reader, writer) -> {
            try (var file = FileChannel.open(Files.write(folder.resolve("f"), new byte[5]))) {
                for (Callable<?> operation :
                        List.<Callable<?>>of(
                                () -> {
                                    reader.transport.write(bytes("x"));
                                    return null;
                                },
                                () -> {
                                    reader.transport.write(new byte[0]);
                                    return null;
                                },
                                () -> {
                                    reader.transport.writev(List.of(ByteBuffer.allocate(1)));
                                    return null;
                                },
                                () -> {
                                    reader.transport.writeEof();
                                    return null;
                                },
                                () -> reader.transport.sendFile(file, 0, 5))) {
                    assertThatThrownBy(operation::call)
                            .isInstanceOf(UnsupportedOperationException.class)
                            .hasMessageContaining("can only be read");
                }
                assertThat(reader.transport.canWriteEof()).isFalse();
                assertThatThrownBy(writer.transport::pauseReading)
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("can only be written");
                assertThatThrownBy(writer.transport::resumeReading)
                        .isInstanceOf(UnsupportedOperationException.class);
                assertThat(writer.transport.isReading()).isFalse();
                assertThat(reader.transport.isReading()).isTrue();
            }
        });
    }

    @Test
    void aBufferWrittenToAReadPipeIsReleased() {
        withPipe((_, reader, _) -> {
            var buffer = Unpooled.directBuffer(1).writeByte(1);
            assertThatThrownBy(() -> reader.transport.write(buffer))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(buffer.refCnt()).isZero();
        });
    }

    @Test
    void aFileIsSentThroughAPipe() throws IOException {
        var content = ConnectionPairs.randomBytes(1_000_000);
        var path = Files.write(folder.resolve("file"), content);
        withPipe((_, reader, writer) -> {
            try (var file = FileChannel.open(path)) {
                writer.transport.write(bytes("<"));
                assertThat(writer.transport.sendFile(file, 10, Long.MAX_VALUE))
                        .isEqualTo(content.length - 10);
                writer.transport.write(bytes(">"));
                writer.transport.close();
                reader.awaitLost();
                var received = reader.received.toByteArray();
                assertThat(received).hasSize(content.length - 8);
                assertThat(Arrays.copyOfRange(received, 1, received.length - 1))
                        .isEqualTo(Arrays.copyOfRange(content, 10, content.length));
            }
        });
    }

    @Test
    void thePipeIsShownAndNotGivenAway() {
        withPipe((_, reader, writer) -> {
            for (var end : List.of(reader, writer)) {
                var pipe = end.transport.extra(Key.PIPE);
                assertThat(pipe.isOpen()).isTrue();
                assertThat(pipe).asString().contains("pipe");
                assertThatThrownBy(pipe::close)
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("close the transport");
                assertThat(end.transport.extra(Key.PEER_ADDRESS)).isNull();
                assertThat(end.transport.extra(Key.LOCAL_ADDRESS)).isNull();
                assertThat(end.transport.extra(Key.CHANNEL)).isNull();
                assertThat(end.transport.extra(Key.SUBPROCESS)).isNull();
                end.transport.close();
                end.awaitLost();
                assertThat(pipe.isOpen()).isFalse();
            }
        });
    }

    @Test
    void aBufferedProtocolReadsIntoItsOwnMemory() {
        TestRun.onSockets(run -> {
            var ends = open();
            var received = new StringBuilder();
            var lost = run.loop.<Void>createFuture();
            var writer = new RecordingProtocol();
            ends.writer(writer);
            var protocol =
                    new BufferedProtocol() {
                        private final ByteBuffer memory = ByteBuffer.allocate(3);

                        @Override
                        public ByteBuffer getBuffer(int sizeHint) {
                            return memory.clear();
                        }

                        @Override
                        public void bufferUpdated(int count) {
                            received.append(new String(memory.array(), 0, count, US_ASCII));
                        }

                        @Override
                        public void connectionLost(Throwable cause) {
                            lost.setResult(null);
                        }
                    };
            readInto(ends, protocol);
            writer.transport.write(bytes("piece by piece"));
            writer.transport.close();
            lost.await();
            writer.awaitLost();
            assertThat(received).hasToString("piece by piece");
            ends.close();
        });
    }

    abstract void readInto(Ends ends, BufferedProtocol protocol) throws IOException;

    @Test
    void aFailureInDataReceivedEndsTheReadPipeWithIt() {
        var failure = new IllegalStateException("boom");
        var reader = new RecordingProtocol();
        reader.onData =
                (ByteBuf _) -> {
                    throw failure;
                };
        withPipe(
                reader,
                (run, _, writer) -> {
                    writer.transport.write(bytes("x"));
                    reader.awaitLost();
                    assertThat(reader.lossCause).isSameAs(failure);
                    assertThat(run.takeReports()).hasSize(1);
                });
    }

    @Test
    void pipesThatAreLeftOpenAreReportedAndClosedWithTheLoop() throws IOException {
        var ends = open();
        var reports =
                TestRun.runAndTakeReports(
                        SelectorEventLoop.builder().build(),
                        _ -> {
                            ends.reader(new RecordingProtocol());
                            ends.writer(new RecordingProtocol());
                        });
        assertThat(reports)
                .hasSize(2)
                .allSatisfy(report ->
                        assertThat(report.message())
                                .startsWith("a transport was never closed: Transport[")
                                .contains("pipe"));
        ends.close();
    }

    @Test
    void aFactoryThatFailsClosesThePipe() {
        TestRun.onSockets(_ -> {
            var ends = open();
            var boom = new IllegalStateException("boom");
            var reader = new RecordingProtocol();
            ends.reader(reader);
            assertThatThrownBy(() -> failingWriter(ends, boom)).isSameAs(boom);
            reader.awaitLost();
            assertThat(reader.events).containsExactly("made", "eof", "lost");
            ends.close();
        });
    }

    abstract void failingWriter(Ends ends, RuntimeException failure) throws IOException;
}
