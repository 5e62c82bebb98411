package dev.jloop.testkit.contract;

import static dev.jloop.testkit.contract.RecordingProtocol.Event.BROKEN;
import static dev.jloop.testkit.contract.RecordingProtocol.Event.DATA;
import static dev.jloop.testkit.contract.RecordingProtocol.Event.EOF;
import static dev.jloop.testkit.contract.RecordingProtocol.Event.LOST;
import static dev.jloop.testkit.contract.RecordingProtocol.Event.MADE;
import static dev.jloop.testkit.contract.RecordingProtocol.Event.PAUSE;
import static dev.jloop.testkit.contract.RecordingProtocol.Event.RESUME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.LoopException;
import dev.jloop.transports.BufferedProtocol;
import dev.jloop.transports.Key;
import dev.jloop.transports.Net;
import dev.jloop.transports.Protocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// What every transport does: JUnit tests that a network or a transport of your own inherits.
///
/// ```java
/// class MyNetworkTest extends TransportContract {          // a network of your own
///     @Override
///     protected EventLoop newLoop() {
///         var loop = VirtualTimeLoop.create();
///         loop.provideService(Network.class, new MyNetwork(loop));
///         return loop;
///     }
/// }
///
/// class MyTransportTest extends TransportContract {        // a transport without a network
///     @Override
///     protected EventLoop newLoop() {
///         return VirtualTimeLoop.create();
///     }
///
///     @Override
///     protected void connect(RecordingProtocol client, RecordingProtocol server) {
///         MyTransport.pair(client, server);
///     }
/// }
/// ```
///
/// What is checked is what [Transport], [Protocol] and the protocols for streams promise: the order
/// of the events, flow control in both directions, all ways of writing and of ending, who owns
/// which buffer, failures of protocols, protocols that take over. See [ConnectionContract] for what
/// fails a test beside that.
///
/// @since 0.1
public abstract non-sealed class TransportContract extends ConnectionContract {
    private static final int PIECE = 50_000;
    private static final int LOW_MARK = 256;
    private static final int HIGH_MARK = 256 * 1024 * 1024;
    private static final int DEFAULT_HIGH = 64 * 1024;
    private static final int DEFAULT_LOW = 16 * 1024;

    /// For subclasses.
    protected TransportContract() {}

    /// Connects two protocols with one another, in a coroutine of the loop. Suspends until both are
    /// connected, or will be without doing anything more.
    ///
    /// Unless overridden, `Net` makes a server at [#address()] and connects to it. A test may call
    /// this several times.
    ///
    /// @param client gets `connectionMade` from one end
    /// @param server gets `connectionMade` from the other end
    /// @throws Exception fails the test
    protected void connect(RecordingProtocol client, RecordingProtocol server) throws Exception {
        try (var listening = Net.createServer(() -> server, address(), listenOptions())) {
            var there = listening.addresses().getFirst();
            Net.createConnection(() -> client, there, connectOptions());
            server.await(MADE);
        }
    }

    // ---- tools

    private record Pair(RecordingProtocol client, RecordingProtocol server) {
        /// @param failure see [ContractRun#abort]
        void abort(@Nullable Throwable failure) {
            ContractRun.abort(failure, client.transport(), server.transport());
        }

        void end() {
            abort(/* failure= */ null);
            client.awaitLost();
            server.awaitLost();
        }
    }

    @FunctionalInterface
    private interface PairBody {
        void run(ContractRun run, Pair pair) throws Exception;
    }

    private void withPair(PairBody body) {
        withPair(new RecordingProtocol(), new RecordingProtocol(), body);
    }

    private void withPair(RecordingProtocol client, RecordingProtocol server, PairBody body) {
        onLoop(run -> {
            var pair = connected(run, client, server);
            try {
                body.run(run, pair);
            } catch (Throwable failure) {
                pair.abort(failure); // without waiting, which might never end now
                throw failure;
            }
            pair.end();
        });
    }

    private Pair connected(ContractRun run, RecordingProtocol client, RecordingProtocol server)
            throws Exception {
        run.watch(client);
        run.watch(server);
        connect(client, server);
        client.await(MADE);
        server.await(MADE);
        return new Pair(client, server);
    }

    /// Suspends until whatever was sent before has most probably arrived, without any clock: a
    /// message goes to and fro on another connection.
    private void roundTrip(ContractRun run) throws Exception {
        var other = connected(run, new RecordingProtocol(), new RecordingProtocol());
        other.client().transport().write(bytes("ping"));
        other.server().awaitText("ping");
        other.server().transport().write(bytes("pong"));
        other.client().awaitText("pong");
        other.end();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    /// Writes to a peer that does not read until writing is paused.
    ///
    /// @return how many bytes
    private int fill(RecordingProtocol writer, RecordingProtocol stuckReader) {
        stuckReader.transport().pauseReading();
        var total = 0;
        while (!writer.has(PAUSE)) {
            assertThat(total)
                    .as("bytes taken for a peer that does not read, without pauseWriting()")
                    .isLessThan(tooMuch());
            writer.transport().write(new byte[PIECE]);
            total += PIECE;
            Async.yieldNow();
        }
        return total;
    }

    /// Suspends for some turns, in which transports move what can be moved at once.
    private static void letThemRun() {
        for (var turn = 0; turn < 10; turn++) {
            Async.yieldNow();
        }
    }

    private static LoopException onlyReport(ContractRun run) {
        var reports = run.takeReports();
        assertThat(reports).as("reports to the exception handler of the loop").hasSize(1);
        return reports.getFirst();
    }

    // ---- the order of the events

    @Test
    void eventsComeInTheirOrderAndTheEndComesOnce() {
        withPair((_, pair) -> {
            pair.client().transport().write(bytes("hello"));
            pair.client().transport().close();
            pair.server().awaitLost();
            pair.client().awaitLost();
            assertThat(pair.server().events()).containsExactly(MADE, DATA, EOF, LOST);
            assertThat(pair.client().events()).containsExactly(MADE, LOST);
            assertThat(pair.server().text()).isEqualTo("hello");
        });
    }

    @Test
    void aTransportKnowsItsProtocolAndWhetherItIsOpen() {
        withPair((_, pair) -> {
            var transport = pair.client().transport();
            assertThat(transport.protocol()).isSameAs(pair.client());
            assertThat(transport.isClosing()).isFalse();
            assertThat(transport.isAborted()).isFalse();
            assertThat(transport.isReading()).isTrue();
            assertThat(transport.writeBufferSize()).isZero();
            assertThat(transport.canWriteEof()).as("canWriteEof()").isEqualTo(halfCloses());
            transport.close();
            assertThat(transport.isClosing()).isTrue();
            assertThat(pair.client().events()).as("events inside close()").containsExactly(MADE);
            pair.client().awaitLost();
            assertThat(transport.isClosing()).isTrue();
        });
    }

    @Test
    void addressesAreToldOnBothSides() {
        withPair((_, pair) -> {
            var client = pair.client().transport();
            var server = pair.server().transport();
            assertThat(client.extra(Key.LOCAL_ADDRESS)).isEqualTo(server.extra(Key.PEER_ADDRESS));
            assertThat(server.extra(Key.LOCAL_ADDRESS)).isEqualTo(client.extra(Key.PEER_ADDRESS));
        });
    }

    // ---- failures of protocols

    @Test
    void aConnectionWorksAfterConnectionMadeHasFailed() {
        var client =
                new RecordingProtocol()
                        .onMade(_ -> {
                            throw new IllegalStateException("boom");
                        });
        withPair(
                client,
                new RecordingProtocol(),
                (run, pair) -> {
                    pair.client().transport().write(bytes("still there"));
                    pair.server().awaitText("still there");
                    var report = onlyReport(run);
                    assertThat(report.exception()).hasMessage("boom");
                    assertThat(report.details()).containsKeys("transport", "protocol");
                });
    }

    @Test
    void aFailureInDataReceivedIsReportedAndEndsTheConnectionWithIt() {
        var failure = new AssertionError("boom");
        var server =
                new RecordingProtocol()
                        .onData(_ -> {
                            throw failure;
                        });
        withPair(
                new RecordingProtocol(),
                server,
                (run, pair) -> {
                    pair.client().transport().write(bytes("x"));
                    pair.server().awaitLost();
                    assertThat(pair.server().events()).containsExactly(MADE, DATA, BROKEN);
                    assertThat(pair.server().lossCause()).isSameAs(failure);
                    assertThat(onlyReport(run).exception()).isSameAs(failure);
                });
    }

    @Test
    void aBufferWithoutSpaceIsReportedAndEndsTheConnection() {
        withPair((run, pair) -> {
            pair.server().transport().setProtocol(new SmallBuffers(0, pair.server()));
            pair.client().transport().write(bytes("x"));
            pair.server().await(BROKEN);
            assertThat(onlyReport(run).exception()).isNotNull();
        });
    }

    // ---- reading

    @Test
    void readingPausedInConnectionMadeStartsWithResumeReading() {
        withPair(
                new RecordingProtocol(),
                new RecordingProtocol().onMade(Transport::pauseReading),
                (run, pair) -> {
                    pair.client().transport().write(bytes("early"));
                    roundTrip(run);
                    assertThat(pair.server().receivedCount())
                            .as("bytes that came while reading was paused")
                            .isZero();
                    pair.server().transport().resumeReading();
                    pair.server().awaitText("early");
                });
    }

    @Test
    void readingPausedInDataReceivedHoldsTheRestBack() {
        var paused = new AtomicBoolean();
        var server = new RecordingProtocol();
        server.onData(_ -> {
            assertThat(paused.getAndSet(true)).as("data came while reading was paused").isFalse();
            server.transport().pauseReading();
        });
        var content = largeContent();
        withPair(
                new RecordingProtocol(),
                server,
                (_, pair) -> {
                    pair.client().transport().write(content);
                    for (var count = 0; count < content.length; count = server.receivedCount()) {
                        server.awaitBytes(count + 1);
                        letThemRun(); // in which nothing may come
                        paused.set(false);
                        server.transport().resumeReading();
                    }
                    assertThat(server.received()).isEqualTo(content);
                });
    }

    @Test
    void pausingAndResumingTwiceIsTheSameAsOnceAndHarmlessAfterClose() {
        withPair((_, pair) -> {
            var transport = pair.server().transport();
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
    void aRetainedBufferKeepsItsBytesWhileReadingGoesOn() {
        var kept = new ArrayList<ByteBuf>();
        var server = new RecordingProtocol();
        server.onData(data -> {
            kept.add(data.retain());
            server.transport().write(bytes("n"));
        });
        withPair(
                new RecordingProtocol(),
                server,
                (_, pair) -> {
                    for (var round = 1; round <= 3; round++) {
                        pair.client().transport().write(bytes("data" + round));
                        pair.server().awaitBytes(5 * round);
                        pair.client().awaitBytes(round);
                    }
                    var text = new StringBuilder();
                    kept.forEach(data -> text.append(data.toString(US_ASCII)));
                    assertThat(text.toString()).isEqualTo("data1data2data3");
                    kept.forEach(ByteBuf::release);
                });
    }

    // ---- the end of one direction

    @Test
    void aProtocolThatKeepsOpenAfterTheEndOfTheStreamCanStillWrite() {
        assumeTrue(halfCloses());
        withPair(
                new RecordingProtocol().keepOpen(),
                new RecordingProtocol().keepOpen(),
                (_, pair) -> {
                    pair.client().transport().writeEof();
                    pair.server().await(EOF);
                    assertThat(pair.server().transport().isReading()).isFalse();
                    assertThat(pair.server().transport().isClosing()).isFalse();
                    pair.server().transport().write(bytes("answer"));
                    pair.server().transport().close();
                    pair.client().await(EOF);
                    assertThat(pair.client().text()).isEqualTo("answer");
                });
    }

    @Test
    void writeEofEndsTheOutputAfterEverythingWasSent() {
        assumeTrue(halfCloses());
        var content = largeContent();
        withPair(
                new RecordingProtocol(),
                new RecordingProtocol().keepOpen(),
                (_, pair) -> {
                    pair.client().transport().write(content);
                    assertThat(pair.client().transport().writeBufferSize()).isPositive();
                    pair.client().transport().writeEof();
                    pair.client().transport().writeEof();
                    pair.server().await(EOF);
                    assertThat(pair.server().received()).isEqualTo(content);
                    pair.server().transport().write(bytes("back"));
                    pair.client().awaitText("back");
                });
    }

    @Test
    void writingAfterWriteEofIsRefusedAndTheBufferReleased() {
        assumeTrue(halfCloses());
        withPair((run, pair) -> {
            pair.client().transport().writeEof();
            var buffer = run.buffer(bytes("x"));
            assertThatThrownBy(() -> pair.client().transport().write(buffer))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(buffer.refCnt()).isZero();
            assertThatThrownBy(() -> pair.client().transport().write(bytes("x")))
                    .isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void whereTheOutputCannotEndAloneWriteEofIsRefused() {
        assumeTrue(!halfCloses());
        withPair((_, pair) -> {
            assertThatThrownBy(() -> pair.client().transport().writeEof())
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(pair.client().transport().isClosing()).isFalse();
            pair.client().transport().write(bytes("still there"));
            pair.server().awaitText("still there");
        });
    }

    // ---- writing

    @Test
    void everyWayOfWritingKeepsTheOrder() {
        withPair((run, pair) -> {
            var transport = pair.client().transport();
            var reused = bytes("a");
            transport.write(reused);
            reused[0] = 'X';
            transport.write(run.buffer(bytes("b")));
            var nio = ByteBuffer.wrap(bytes("-cc-"), 1, 2);
            transport.write(nio);
            assertThat(nio.hasRemaining()).isFalse();
            nio.array()[1] = 'X';
            transport.write(new byte[0]);
            transport.write(run.buffer(new byte[0]));
            transport.writev(List.of(ByteBuffer.wrap(bytes("d")), ByteBuffer.wrap(bytes("e"))));
            transport.write(Unpooled.wrappedBuffer(bytes("f"), bytes("g")));
            transport.write(bytes("h"));
            pair.server().awaitText("abccdefgh");
        });
    }

    @Test
    void largeTransfersInBothDirectionsArriveIntact() {
        var there = largeContent();
        var back = there.clone();
        back[0]++;
        withPair((run, pair) -> {
            pair.client().transport().write(run.buffer(there));
            pair.server().transport().write(back);
            pair.server().awaitBytes(there.length);
            pair.client().awaitBytes(back.length);
            assertThat(pair.server().received()).isEqualTo(there);
            assertThat(pair.client().received()).isEqualTo(back);
        });
    }

    @Test
    void writingPausesAboveTheHighWaterMarkAndResumesAtTheLow() {
        withPair((_, pair) -> {
            var total = fill(pair.client(), pair.server());
            assertThat(pair.client().transport().writeBufferSize()).isGreaterThan(DEFAULT_HIGH);
            pair.server().transport().resumeReading();
            pair.client().await(RESUME);
            assertThat(pair.client().transport().writeBufferSize())
                    .isLessThanOrEqualTo(DEFAULT_LOW);
            pair.server().awaitBytes(total);
            assertThat(pair.client().events()).containsExactly(MADE, PAUSE, RESUME);
        });
    }

    @Test
    void aProtocolMayWriteWhenWritingResumes() {
        withPair((_, pair) -> {
            var total = fill(pair.client(), pair.server());
            pair.client().onResume(() -> pair.client().transport().write(new byte[1000]));
            pair.server().transport().resumeReading();
            pair.server().awaitBytes(total + 1000);
        });
    }

    @Test
    void otherMarksHoldAtOnceAndWrongOnesAreRefused() {
        withPair((_, pair) -> {
            var transport = pair.client().transport();
            transport.setWriteBufferLimits(HIGH_MARK, 0);
            pair.server().transport().pauseReading();
            for (var total = 0; transport.writeBufferSize() <= LOW_MARK; total += PIECE) {
                assertThat(total).as("bytes taken without being queued").isLessThan(tooMuch());
                transport.write(new byte[PIECE]);
                letThemRun();
            }
            assertThat(pair.client().events()).containsExactly(MADE);
            transport.setWriteBufferLimits(LOW_MARK);
            assertThat(pair.client().events()).containsExactly(MADE, PAUSE);
            transport.setWriteBufferLimits(HIGH_MARK, HIGH_MARK);
            assertThat(pair.client().events()).containsExactly(MADE, PAUSE, RESUME);
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1, 2))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1, -1))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    // ---- ends

    @Test
    void closeSendsEverythingFirst() {
        var content = largeContent();
        withPair((run, pair) -> {
            pair.client().transport().write(run.buffer(content));
            pair.client().transport().close();
            pair.client().transport().close();
            pair.server().awaitLost();
            assertThat(pair.server().received()).isEqualTo(content);
            assertThat(pair.server().events()).containsSubsequence(DATA, EOF, LOST);
            pair.client().awaitLost();
            assertThat(pair.client().events()).endsWith(LOST);
        });
    }

    @Test
    void whatIsWrittenAfterCloseIsDroppedAndItsBuffersAreReleased() {
        withPair((run, pair) -> {
            var transport = pair.client().transport();
            transport.write(bytes("last"));
            transport.close();
            var buffer = run.buffer(bytes("never"));
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
    void abortDropsWhatIsQueuedOnceAndThePeerSeesThatItIsCut() {
        withPair((run, pair) -> {
            fill(pair.client(), pair.server());
            var queued = run.buffer(new byte[PIECE]);
            pair.client().transport().write(queued);
            pair.client().transport().abort();
            pair.client().transport().abort();
            pair.client().transport().close();
            assertThat(pair.client().transport().writeBufferSize()).isZero();
            assertThat(pair.client().transport().isClosing()).isTrue();
            assertThat(pair.client().isLost()).as("connectionLost inside abort()").isFalse();
            pair.client().await(LOST);
            assertThat(queued.refCnt()).isZero();
            pair.server().transport().resumeReading();
            assertThat(pair.client().events()).containsExactly(MADE, PAUSE, LOST);
            if (resets()) {
                pair.server().await(BROKEN);
                assertThat(pair.server().lossCause()).isInstanceOf(IOException.class);
            } else {
                pair.server().awaitLost();
                assertThat(pair.server().events()).endsWith(EOF, LOST);
            }
        });
    }

    @Test
    void whoWritesToAPeerThatClosesWithoutReadingIsNotLeftWaiting() {
        withPair((_, pair) -> {
            fill(pair.client(), pair.server());
            pair.server().transport().close();
            pair.server().awaitLost();
            pair.client().awaitLost();
            assertThat(pair.client().transport().writeBufferSize()).isZero();
        });
    }

    @Test
    void abortWithNothingQueuedLooksToThePeerLikeARegularEnd() {
        assumeTrue(halfCloses());
        withPair((_, pair) -> {
            pair.client().transport().abort();
            pair.server().awaitLost();
            assertThat(pair.server().events()).containsExactly(MADE, EOF, LOST);
        });
    }

    @Test
    void anAbortWhereEachEndNeedsAGoodbyeIsToldFromARegularEnd() {
        assumeTrue(!halfCloses());
        withPair((_, pair) -> {
            pair.client().transport().write(bytes("some"));
            pair.server().awaitText("some");
            pair.client().transport().abort();
            pair.server().await(BROKEN);
            assertThat(pair.server().lossCause()).isInstanceOf(IOException.class);
            assertThat(pair.server().events()).doesNotContain(EOF);
        });
    }

    @Test
    void onlyAnAbortCountsAsOne() {
        withPair((_, pair) -> {
            assertThat(pair.client().transport().isAborted()).isFalse();
            pair.client().transport().close();
            pair.client().awaitLost();
            pair.server().awaitLost();
            pair.client().transport().abort();
            assertThat(pair.client().transport().isAborted()).isFalse();
            assertThat(pair.server().transport().isAborted()).isFalse();
        });
        withPair((_, pair) -> {
            pair.client().transport().abort();
            assertThat(pair.client().transport().isAborted()).isTrue();
        });
    }

    @Test
    void whoHasEndedTheConnectionIsKnown() {
        withPair((_, pair) -> {
            assertThat(pair.client().transport().isClosedHere()).isFalse();
            pair.client().transport().close();
            assertThat(pair.client().transport().isClosedHere()).isTrue();
            pair.server().awaitLost();
            pair.server().transport().close();
            assertThat(pair.server().transport().isClosedHere()).isFalse();
        });
        withPair((_, pair) -> {
            pair.client().transport().abort();
            assertThat(pair.client().transport().isClosedHere()).isTrue();
            pair.server().awaitLost();
            pair.server().transport().abort();
            assertThat(pair.server().transport().isClosedHere()).isFalse();
        });
    }

    @Test
    void aLostConnectionNeitherResumesNorPausesAnybody() {
        withPair((_, pair) -> {
            var writer = pair.client();
            fill(writer, pair.server());
            writer.transport().abort();
            writer.awaitLost();
            writer.transport().setWriteBufferLimits(1000);
            assertThat(writer.events()).doesNotContain(RESUME).endsWith(LOST);
            var next = new RecordingProtocol();
            writer.transport().setProtocol(next);
            assertThat(next.events()).isEmpty();
        });
    }

    // ---- protocols that take over

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
        public void connectionLost(@Nullable Throwable cause) {
            notes.connectionLost(cause);
        }
    }

    @Test
    void anotherProtocolOfTheBufferedKindTakesOver() {
        withPair((_, pair) -> {
            pair.client().transport().write(bytes("plain"));
            pair.server().awaitText("plain");
            pair.server().transport().setProtocol(new SmallBuffers(3, pair.server()));
            pair.client().transport().write(bytes(" and buffered"));
            pair.server().awaitText("plain and buffered");
            assertThatThrownBy(() -> pair.server().transport().setProtocol(new Protocol() {}))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void aProtocolThatTakesOverWhileWritingIsPausedIsToldSo() {
        withPair((run, pair) -> {
            fill(pair.client(), pair.server());
            var next = new RecordingProtocol();
            run.watch(next);
            pair.client().transport().setProtocol(next);
            assertThat(next.events()).containsExactly(PAUSE);
            pair.server().transport().resumeReading();
            next.await(RESUME);
            pair.client().transport().setProtocol(pair.client());
            assertThat(pair.client().events()).containsExactly(MADE, PAUSE);
        });
    }
}
