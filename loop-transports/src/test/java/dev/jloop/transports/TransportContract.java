package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.LoopException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a connection does on any network: one subclass for each.
abstract class TransportContract extends ConnectionPairs {
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
        assumeTrue(halfCloses());
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
            if (halfCloses()) {
                transport.writeEof();
            }
            pair.server().awaitLost();
            assertThat(buffer.refCnt()).isZero();
            assertThat(nio.hasRemaining()).isFalse();
            assertThat(pair.server().text()).isEqualTo("last");
        });
    }

    @Test
    void writeEofEndsTheOutputAfterEverythingWasSent() {
        assumeTrue(halfCloses());
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
        assumeTrue(halfCloses());
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
            assertThat(pair.client().events).containsExactly("made", "pause", "lost");
            if (resets()) {
                pair.server().await("broken");
                assertThat(pair.server().lossCause).isInstanceOf(IOException.class);
            } else {
                pair.server().awaitLost();
                assertThat(pair.server().events).endsWith("eof", "lost");
            }
        });
    }

    /// [dev.jloop.transports.TlsContract] has what it is where an end needs a goodbye.
    @Test
    void abortWithNothingQueuedLooksToThePeerLikeARegularEnd() {
        assumeTrue(halfCloses());
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
            pair.client().awaitLost();
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
    void aProtocolThatTakesOverWhileWritingIsPausedIsToldSo() {
        withPair((_, pair) -> {
            fill(pair.client(), pair.server());
            var next = new RecordingProtocol();
            pair.client().transport.setProtocol(next);
            assertThat(next.events).containsExactly("pause");
            pair.server().transport.resumeReading();
            next.await("resume");
            pair.client().transport.setProtocol(pair.client());
            assertThat(pair.client().events).containsExactly("made", "pause");
        });
    }

    @Test
    void onlyAnAbortCountsAsOne() {
        withPair((_, pair) -> {
            assertThat(pair.client().transport.isAborted()).isFalse();
            pair.client().transport.close();
            pair.client().awaitLost();
            pair.server().awaitLost();
            pair.client().transport.abort();
            assertThat(pair.client().transport.isAborted()).isFalse();
            assertThat(pair.server().transport.isAborted()).isFalse();
        });
        withPair((_, pair) -> {
            pair.client().transport.abort();
            assertThat(pair.client().transport.isAborted()).isTrue();
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

    @Test
    void aLostConnectionNeitherResumesNorPausesAnybody() {
        withPair((_, pair) -> {
            var writer = pair.client();
            fill(writer, pair.server());
            writer.transport.abort();
            writer.awaitLost();
            writer.transport.setWriteBufferLimits(1000);
            assertThat(writer.events).doesNotContain("resume").endsWith("lost");
            var next = new RecordingProtocol();
            writer.transport.setProtocol(next);
            assertThat(next.events).isEmpty();
        });
    }
}
