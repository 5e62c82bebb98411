package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import javax.net.ssl.SSLException;

/// The life and the end of a TLS connection whose peer does what no transport does, on a network in
/// memory and on virtual time.
@ExtendWith(LeakCheck.class)
class TlsEndTest {
    private static final int MEBIBYTE = 1024 * 1024;
    private final TlsOptions serving = TlsOptions.server(TestCertificates.server());
    private final TlsOptions connecting =
            TlsOptions.client(TestCertificates.client())
                    .withServerName("localhost")
                    .withShutdownTimeout(Duration.ofSeconds(5));

    /// Which side the transport is on.
    enum Side {
        CLIENT,
        SERVER
    }

    /// How the peer ends its output.
    enum PeersEnd {
        GOODBYE,
        END_OF_STREAM,
        GOODBYE_AND_END_OF_STREAM
    }

    /// A case of the half-close matrix.
    record Case(String version, Side side, PeersEnd end, int pending) {
        @Override
        public String toString() {
            return version
                    + ", "
                    + side.name().toLowerCase(Locale.ROOT)
                    + ", "
                    + end
                    + ", "
                    + pending;
        }
    }

    static Stream<Case> cases() {
        return Stream.of("TLSv1.2", "TLSv1.3")
                .flatMap(version ->
                        Stream.of(Side.values())
                                .flatMap(side ->
                                        Stream.of(PeersEnd.values())
                                                .flatMap(end ->
                                                        Stream.of(0, 1, MEBIBYTE)
                                                                .map(pending ->
                                                                        new Case(
                                                                                version, side, end,
                                                                                pending)))));
    }

    /// A transport and its peer.
    private record Ends(RecordingProtocol near, TlsPeer far) {
        void cut() {
            near.transport.abort();
            near.awaitLost();
            far.link.close();
        }
    }

    @FunctionalInterface
    private interface Body {
        void run(TestRun run, Ends ends) throws Exception;
    }

    private static TlsOptions only(String version, TlsOptions options) {
        return options.withParameters(
                parameters -> parameters.setProtocols(new String[] {version}));
    }

    private void withEnds(String version, Side side, Body body) {
        MemoryNetwork.run(run -> {
            var near = new RecordingProtocol();
            var ends =
                    switch (side) {
                        case CLIENT -> connect(run, near, version);
                        case SERVER -> accept(run, near, version);
                    };
            try {
                body.run(run, ends);
            } finally {
                ends.cut();
            }
        });
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private Ends connect(TestRun run, RecordingProtocol near, String version) throws IOException {
        var listener = Network.of(run.loop).listen(loopback(), ListenOptions.DEFAULTS);
        try {
            var task =
                    run.loop.createTask(() ->
                            Net.createConnection(
                                    () -> near,
                                    listener.address(),
                                    ConnectOptions.DEFAULTS.withTls(only(version, connecting))));
            Network.Link link = null;
            while (link == null) {
                Async.yieldNow();
                link = listener.accept();
            }
            var far = TlsPeer.server(run.loop, link, serving);
            far.shakeHands();
            task.await();
            return new Ends(near, far);
        } finally {
            listener.close();
        }
    }

    private Ends accept(TestRun run, RecordingProtocol near, String version) throws IOException {
        try (var server =
                Net.createServer(
                        () -> near,
                        loopback(),
                        ListenOptions.DEFAULTS.withTls(only(version, serving)))) {
            var link = Network.of(run.loop).connect(server.addresses().getFirst(), null);
            var far = TlsPeer.client(run.loop, link, connecting);
            far.shakeHands();
            near.await("made");
            return new Ends(near, far);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aPeerThatHasEndedItsOutputGetsAllThatIsPending(Case sample) {
        withEnds(
                sample.version(),
                sample.side(),
                (_, ends) -> {
                    var data = ConnectionPairs.randomBytes(sample.pending());
                    ends.near().transport.write(data);
                    if (sample.end() != PeersEnd.END_OF_STREAM) {
                        ends.far().sayGoodbye();
                    }
                    if (sample.end() != PeersEnd.GOODBYE) {
                        ends.far().link.shutdownOutput();
                    }
                    assertThat(ends.far().readBytes(data.length)).isEqualTo(data);
                    if (sample.end() == PeersEnd.END_OF_STREAM) {
                        ends.near().awaitLost();
                        assertThat(ends.near().lossCause).isInstanceOf(TlsTruncatedException.class);
                        assertThat(ends.near().events).doesNotContain("eof").endsWith("broken");
                        ends.far().readToEnd();
                        assertThat(ends.far().engine.end()).isEqualTo(TlsEngine.End.CUT);
                    } else {
                        assertThat(ends.far().readToEnd()).isEqualTo(data);
                        assertThat(ends.far().engine.end()).isEqualTo(TlsEngine.End.GOODBYE);
                        ends.near().awaitLost();
                        assertThat(ends.near().events).containsOnlyOnce("eof").endsWith("lost");
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatIsWrittenInTheTurnInWhichTheGoodbyeIsReadIsSent(String version) {
        withEnds(
                version,
                Side.SERVER,
                (_, ends) -> {
                    ends.near().onData = _ -> ends.near().transport.write(new byte[1000]);
                    ends.far()
                            .engine
                            .write(
                                    ends.far().link,
                                    new ByteBuffer[] {ByteBuffer.wrap(new byte[] {1})},
                                    0,
                                    1);
                    ends.far().sayGoodbye();
                    assertThat(ends.far().readToEnd()).hasSize(1000);
                    assertThat(ends.far().engine.end()).isEqualTo(TlsEngine.End.GOODBYE);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void everythingWrittenIsSentBeforeTheGoodbye(String version) {
        withEnds(
                version,
                Side.CLIENT,
                (run, ends) -> {
                    var data = ConnectionPairs.randomBytes(4 * MEBIBYTE);
                    ends.near().transport.write(data);
                    ends.near().transport.close();
                    // However long the peer lets it wait: no timer runs before the goodbye.
                    Async.sleep(Duration.ofSeconds(20));
                    assertThat(ends.near().events).doesNotContain("lost", "broken");
                    assertThat(ends.far().readToEnd()).isEqualTo(data);
                    assertThat(ends.far().engine.end()).isEqualTo(TlsEngine.End.GOODBYE);
                    ends.far().sayGoodbye();
                    ends.near().awaitLost();
                    assertThat(ends.near().lossCause).isNull();
                });
    }

    @Test
    void whatWasWrittenBeforeTheProgramEndsIsSentWithAGoodbye() throws IOException {
        var far = new TlsPeer[1];
        MemoryNetwork.run(run -> {
            var ends = connect(run, new RecordingProtocol(), "TLSv1.3");
            far[0] = ends.far();
            ends.near().transport.write(new byte[1000]);
            ends.near().transport.close();
        });
        var received = ByteBuffer.allocate(10_000);
        while (far[0].engine.end() == TlsEngine.End.NONE) {
            far[0].engine.read(far[0].link, received);
        }
        assertThat(received.position()).isEqualTo(1000);
        assertThat(far[0].engine.end()).isEqualTo(TlsEngine.End.GOODBYE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aPeerThatDoesNotAnswerTheGoodbyeIsCutAfterTheTimeGiven(String version) {
        withEnds(
                version,
                Side.CLIENT,
                (run, ends) -> {
                    ends.near().transport.close();
                    var begun = run.loop.time();
                    ends.near().awaitLost();
                    assertThat(run.loop.time() - begun).isEqualTo(Duration.ofSeconds(5).toNanos());
                    assertThat(ends.near().lossCause)
                            .isInstanceOf(SSLException.class)
                            .hasMessageContaining("did not answer the goodbye of TLS within 5 s");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatThePeerSendsInsteadOfItsGoodbyeIsForgotten(String version) {
        withEnds(
                version,
                Side.SERVER,
                (run, ends) -> {
                    ends.near().transport.close();
                    ends.far().write(new byte[MEBIBYTE]);
                    ends.far().sayGoodbye();
                    ends.near().awaitLost();
                    assertThat(ends.near().events).containsExactly("made", "lost");
                    assertThat(run.loop.time()).isZero();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aPeerThatJustLeavesAfterTheGoodbyeHasAnsweredIt(String version) {
        withEnds(
                version,
                Side.CLIENT,
                (_, ends) -> {
                    ends.near().transport.close();
                    ends.far().readToEnd();
                    ends.far().link.shutdownOutput();
                    ends.near().awaitLost();
                    assertThat(ends.near().events).containsExactly("made", "lost");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void anAbortWhileThePeersGoodbyeIsAwaitedEndsAtOnce(String version) {
        withEnds(
                version,
                Side.CLIENT,
                (run, ends) -> {
                    ends.near().transport.close();
                    Async.yieldNow();
                    Async.yieldNow();
                    ends.near().transport.abort();
                    ends.near().awaitLost();
                    assertThat(run.loop.time()).isZero();
                    assertThat(ends.near().events).containsExactly("made", "lost");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bytesStayInTheEngineWhileReadingIsPausedAndComeInALaterTurn(String version) {
        withEnds(
                version,
                Side.CLIENT,
                (_, ends) -> {
                    var near = ends.near();
                    near.onData = _ -> near.transport.pauseReading();
                    // Many records in one read of the network: more than one goes into a small
                    // buffer.
                    near.transport.setProtocol(new SmallReads(near));
                    ends.far().write(new byte[100]);
                    ends.far().write(new byte[100]);
                    while (near.received.size() == 0) {
                        Async.yieldNow();
                    }
                    for (var count = 10; count < 200; count += 10) {
                        assertThat(near.received.size()).isEqualTo(count);
                        near.transport.resumeReading();
                        assertThat(near.received.size()).isEqualTo(count);
                        near.awaitBytes(count + 10);
                    }
                });
    }

    /// Reads ten bytes at a time.
    private static final class SmallReads implements BufferedProtocol {
        private final RecordingProtocol notes;
        private final ByteBuffer buffer = ByteBuffer.allocate(10);

        SmallReads(RecordingProtocol notes) {
            this.notes = notes;
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) {
            return buffer.clear();
        }

        @Override
        public void bufferUpdated(int count) {
            notes.dataReceived(io.netty.buffer.Unpooled.wrappedBuffer(buffer.flip()));
        }

        @Override
        public void connectionLost(Throwable cause) {
            notes.connectionLost(cause);
        }
    }

    @Test
    void newKeysDuringTheConnectionAreTakenAndAnswered() {
        for (var side : Side.values()) {
            withEnds("TLSv1.3", side, (_, ends) -> changeKeys(ends));
        }
    }

    @Test
    void anotherHandshakeDuringTheConnectionIsGoneThrough() {
        withEnds("TLSv1.2", Side.SERVER, (_, ends) -> changeKeys(ends));
    }

    /// TLS 1.3 changes keys, TLS 1.2 shakes hands once more; with data under way on both sides.
    private static void changeKeys(Ends ends) throws IOException {
        for (var round = 1; round <= 3; round++) {
            ends.far().engine.sslEngine().beginHandshake();
            ends.near().transport.write(new byte[10_000]);
            ends.far().write(new byte[1000]);
            ends.near().awaitBytes(1000 * round);
            assertThat(ends.far().readBytes(10_000 * round)).hasSize(10_000 * round);
        }
    }

    @Test
    void writingGoesOnAfterAnotherHandshakeAlthoughReadingIsPaused() {
        withEnds(
                "TLSv1.2",
                Side.SERVER,
                (_, ends) -> {
                    ends.far().engine.sslEngine().beginHandshake();
                    ends.far().write(new byte[0]);
                    ends.far().readAhead();
                    Async.yieldNow();
                    ends.near().transport.pauseReading();
                    ends.near().transport.write(new byte[100_000]);
                    assertThat(ends.far().readBytes(100_000)).hasSize(100_000);
                });
    }

    @Test
    void aRecordThatWasTamperedWithEndsTheConnectionAfterTheDataBeforeIt() {
        withEnds(
                "TLSv1.3",
                Side.SERVER,
                (_, ends) -> {
                    var far = ends.far();
                    far.engine.write(
                            far.link,
                            new ByteBuffer[] {ByteBuffer.wrap(new byte[] {1, 2, 3})},
                            0,
                            1);
                    far.link.write(
                            new ByteBuffer[] {
                                ByteBuffer.wrap(new byte[] {23, 3, 3, 0, 30}),
                                ByteBuffer.allocate(30)
                            },
                            0,
                            2);
                    ends.near().awaitLost();
                    assertThat(ends.near().received.size()).isEqualTo(3);
                    assertThat(ends.near().events).containsExactly("made", "data", "broken");
                    assertThat(ends.near().lossCause).isInstanceOf(SSLException.class);
                    assertThat(List.of(TlsEngine.End.NONE, TlsEngine.End.CUT))
                            .contains(far.engine.end());
                });
    }
}
