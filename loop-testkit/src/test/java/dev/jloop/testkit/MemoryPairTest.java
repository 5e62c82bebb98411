package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.streams.LimitOverrunException;
import dev.jloop.streams.StreamOptions;
import dev.jloop.testkit.contract.RecordingProtocol;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Protocol;
import dev.jloop.transports.TlsOptions;

import org.junit.jupiter.api.Test;

import java.io.IOException;

import javax.net.ssl.SSLContext;

/// Pairs of transports and of streams in memory. What transports do is in the contract.
class MemoryPairTest {
    /// Made before there is a loop that waits for it.
    private static final SSLContext CONTEXT = TestCertificate.context();

    @LoopTest
    void twoProtocolsTalkWithoutAnyNetwork(VirtualTimeLoop loop) throws IOException {
        var client = new RecordingProtocol();
        var server = new RecordingProtocol();
        try (var pair = MemoryPair.connect(client, server)) {
            assertThat(pair.client()).isSameAs(client.transport());
            assertThat(pair.server()).isSameAs(server.transport());
            assertThat(pair.server().protocol()).isSameAs(server);
            pair.client().write("ping".getBytes(US_ASCII));
            server.awaitText("ping");
            pair.server().write("pong".getBytes(US_ASCII));
            client.awaitText("pong");
            assertThat(loop.time()).as("virtual time that passed").isZero();
        }
        client.awaitLost();
        server.awaitLost();
        client.checkOrder();
        server.checkOrder();
    }

    @LoopTest
    void pairsAreIndependentOfEachOther() throws IOException {
        try (var other = MemoryPair.connect(new RecordingProtocol(), new RecordingProtocol())) {
            var one = MemoryPair.connect(new RecordingProtocol(), new RecordingProtocol());
            one.close();
            assertThat(one.server().isClosing()).isTrue();
            assertThat(other.client().isClosing()).isFalse();
        }
    }

    @LoopTest
    void whatIsNoProtocolOfAConnectionIsRefused() {
        assertThatThrownBy(() -> MemoryPair.connect(new RecordingProtocol(), new Protocol() {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must implement StreamingProtocol or BufferedProtocol")
                .hasMessageContaining("MemoryPairTest");
    }

    @Test
    void onARealLoopItIsRefused() {
        try (var loop = SelectorEventLoop.builder().build()) {
            loop.runUntilComplete(() -> {
                assertThatThrownBy(MemoryStreams::connect)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("MemoryStreams.connect needs a VirtualTimeLoop");
                assertThatThrownBy(() ->
                                MemoryPair.connect(
                                        new RecordingProtocol(), new RecordingProtocol()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("MemoryPair.connect needs a VirtualTimeLoop");
            });
        }
    }

    @FunctionalInterface
    private interface Connecting {
        AutoCloseable connect() throws IOException;
    }

    /// Cancels it in each turn that it takes; the leak check of the test finds what stays open.
    private static void cancelInEachTurn(Connecting connecting) throws Exception {
        var connected = false;
        var turns = 0;
        for (; !connected; turns++) {
            var task = Async.createTask(() -> connecting.connect());
            for (var turn = 0; turn < turns; turn++) {
                Async.yieldNow();
            }
            task.cancel();
            try {
                task.await().close();
                connected = true;
            } catch (CancelledError expected) {
                connected = false;
            }
        }
        assertThat(turns).as("moments at which it could be cancelled").isGreaterThan(3);
    }

    @LoopTest
    void cancelledAtAnyMomentItLeavesNothingOpen() throws Exception {
        cancelInEachTurn(() ->
                MemoryPair.connect(new RecordingProtocol(), new RecordingProtocol().keepOpen()));
        cancelInEachTurn(MemoryStreams::connect);
    }

    @LoopTest(seeds = 10)
    void streamsTalkThroughReadersAndWriters() throws IOException {
        try (var streams = MemoryStreams.connect(StreamOptions.DEFAULTS.withLimit(8))) {
            streams.client().writer().write("a line\n".getBytes(US_ASCII));
            assertThat(streams.server().reader().readLine()).asString().isEqualTo("a line\n");
            streams.server().writer().write("one of too many bytes\n".getBytes(US_ASCII));
            assertThatThrownBy(() -> streams.client().reader().readLine())
                    .isInstanceOf(LimitOverrunException.class);
            streams.client().writer().writeEof();
            assertThat(streams.server().reader().readAll()).isEmpty();
            assertThat(streams.server().writer().isClosing()).isFalse();
        }
    }

    @LoopTest
    void streamsThatWereClosedByTheirUserMayBeClosedAgain() throws IOException {
        try (var streams = MemoryStreams.connect()) {
            streams.client().writer().write("last words".getBytes(US_ASCII));
            streams.client().writer().close();
            assertThat(streams.server().reader().readAll()).asString().isEqualTo("last words");
            streams.server().writer().close();
            streams.client().writer().waitClosed();
            streams.server().writer().waitClosed();
        }
    }

    @LoopTest
    void streamsMayBeSecured() throws IOException {
        var options =
                StreamOptions.DEFAULTS
                        .withConnect(
                                ConnectOptions.DEFAULTS.withTls(
                                        TlsOptions.client(CONTEXT).withServerName("localhost")))
                        .withListen(ListenOptions.DEFAULTS.withTls(TlsOptions.server(CONTEXT)));
        try (var streams = MemoryStreams.connect(options)) {
            streams.client().writer().write("secret\n".getBytes(US_ASCII));
            assertThat(streams.server().reader().readLine()).asString().isEqualTo("secret\n");
        }
    }
}
