package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.Task;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/// Connections that are secured when they are made already.
abstract class StartTlsContract extends ConnectionPairs {
    static final TlsOptions SERVING = TlsOptions.server(TestCertificates.server());
    static final TlsOptions CONNECTING = TlsOptions.client(TestCertificates.client());

    /// {@return the server's half of an upgrade, under way}
    static Task<Transport> serve(TestRun run, Pair pair, Protocol next) {
        return run.loop.createTask(() -> Net.startTls(pair.server().transport, next, SERVING));
    }

    @Test
    void aConnectionIsSecuredInPlace() {
        withPair((run, pair) -> {
            pair.client().transport.write(bytes("before"));
            pair.server().awaitText("before");
            var server = new RecordingProtocol();
            var client = new RecordingProtocol();
            var upgrade = serve(run, pair, server);
            var secured = Net.startTls(pair.client().transport, client, CONNECTING);
            assertThat(secured).isSameAs(pair.client().transport);
            assertThat(upgrade.await()).isSameAs(pair.server().transport);
            assertThat(secured.extra(Key.SSL_SESSION).getPeerPrincipal().getName())
                    .isEqualTo("CN=jloop test server");
            secured.write(bytes("after"));
            server.awaitText("after");
            pair.server().transport.write(randomBytes(BIG));
            client.awaitBytes(BIG);
            assertThat(client.received.toByteArray()).isEqualTo(randomBytes(BIG));
            secured.close();
            client.awaitLost();
            server.awaitLost();
            assertThat(client.events).doesNotContain("made", "broken");
            assertThat(server.events).containsExactly("data", "pause", "resume", "eof", "lost");
            assertThat(pair.server().events).containsExactly("made", "data");
            pair.client().connectionLost(null);
            pair.server().connectionLost(null);
        });
    }

    @Test
    void whatWasWrittenBeforeIsSentInTheClearFirst() {
        withPair((run, pair) -> {
            pair.server().transport.pauseReading();
            pair.client().transport.write(new byte[BIG]);
            var client = pair.client();
            var upgrade =
                    run.loop.createTask(() -> Net.startTls(client.transport, client, CONNECTING));
            Async.yieldNow();
            assertThatThrownBy(() -> client.transport.write(bytes("x")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("while startTls() runs");
            if (halfCloses()) {
                assertThatThrownBy(() -> client.transport.writeEof())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("startTls()");
            }
            assertThatThrownBy(() -> Net.startTls(client.transport, client, CONNECTING))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("starting TLS");
            pair.server().transport.resumeReading();
            // The first record of the handshake comes behind it.
            pair.server().awaitBytes(BIG + 1);
            var received = pair.server().received.toByteArray();
            assertThat(Arrays.copyOf(received, BIG)).containsOnly(0);
            assertThat(received[BIG]).isEqualTo((byte) 22);
            upgrade.cancel();
            Async.waitAll(List.of(upgrade));
        });
    }

    @Test
    void bytesInTheClearBetweenAreRefused() {
        withPair((run, pair) -> {
            pair.server().transport.pauseReading();
            pair.client().transport.write(bytes("EVIL\r\n"));
            var upgrade = serve(run, pair, new RecordingProtocol());
            assertThatThrownBy(
                            () -> Net.startTls(pair.client().transport, pair.client(), CONNECTING))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(upgrade::await)
                    .hasRootCauseInstanceOf(SSLException.class)
                    .rootCause()
                    .hasMessageContaining("not a TLS record");
            pair.server().awaitLost();
            assertThat(pair.server().events).containsExactly("made", "broken");
        });
    }

    @Test
    void aHandshakeThatFailsAbortsTheConnectionAndTheOldProtocolHearsOfIt() {
        withPair((run, pair) -> {
            var next = new RecordingProtocol();
            var upgrade = serve(run, pair, next);
            assertThatThrownBy(() ->
                            Net.startTls(
                                    pair.client().transport,
                                    pair.client(),
                                    TlsOptions.client(TestCertificates.distrustingClient())))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("certificate was refused");
            assertThatThrownBy(upgrade::await).hasRootCauseInstanceOf(SSLException.class);
            pair.client().awaitLost();
            pair.server().awaitLost();
            assertThat(pair.client().lossCause).isInstanceOf(SSLHandshakeException.class);
            assertThat(next.events).isEmpty();
        });
    }

    @Test
    void anUpgradeThatIsCancelledAtAnyMomentAbortsTheConnection() {
        for (var turns = 1; turns < 25; turns++) {
            var before = turns;
            withPair((run, pair) -> {
                var server = serve(run, pair, pair.server());
                var client =
                        run.loop.createTask(() ->
                                Net.startTls(pair.client().transport, pair.client(), CONNECTING));
                for (var turn = 0; turn < before; turn++) {
                    Async.yieldNow();
                }
                if (client.cancel()) {
                    Async.waitAll(List.of(client));
                    assertThat(client.isCancelled()).isTrue();
                    pair.client().awaitLost();
                }
                server.cancel();
                Async.waitAll(List.of(server));
            });
        }
    }

    @Test
    void anUpgradeIsRefusedWhereItCannotBe() {
        withPair((_, pair) -> {
            var client = pair.client();
            assertThatThrownBy(() -> Net.startTls(client.transport, new Protocol() {}, CONNECTING))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() ->
                            Net.startTls(
                                    pair.server().transport,
                                    pair.server(),
                                    TlsOptions.client(TestCertificates.client())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("withServerName");
            assertThat(client.transport.isClosing()).isFalse();
            if (client.transport.canWriteEof()) {
                client.transport.writeEof();
                assertThatThrownBy(() -> Net.startTls(client.transport, client, CONNECTING))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("half-closed");
            }
            client.transport.close();
            assertThatThrownBy(() -> Net.startTls(client.transport, client, CONNECTING))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closing");
        });
    }

    @Test
    void anAbortDuringTheUpgradeEndsIt() {
        withPair((run, pair) -> {
            var client = pair.client();
            var upgrade =
                    run.loop.createTask(() -> Net.startTls(client.transport, client, CONNECTING));
            Async.yieldNow();
            Async.yieldNow();
            client.transport.abort();
            assertThatThrownBy(upgrade::await).hasRootCauseInstanceOf(SocketException.class);
            client.awaitLost();
            assertThat(client.lossCause).isNull();
        });
    }

    @Test
    void aCloseDuringTheUpgradeTakesEffectAfterIt() {
        withPair((run, pair) -> {
            var server = serve(run, pair, pair.server());
            var client = pair.client();
            var upgrade =
                    run.loop.createTask(() -> Net.startTls(client.transport, client, CONNECTING));
            Async.yieldNow();
            client.transport.close();
            assertThat(upgrade.await().isClosing()).isTrue();
            server.await();
            client.awaitLost();
            pair.server().awaitLost();
            assertThat(pair.server().events).containsExactly("made", "eof", "lost");
        });
    }

    @Test
    void theTimeForTheHandshakeIsLimitedHereToo() {
        withPair((run, pair) -> {
            pair.server().transport.pauseReading();
            assertThatThrownBy(() ->
                            Net.startTls(
                                    pair.client().transport,
                                    pair.client(),
                                    CONNECTING.withHandshakeTimeout(Duration.ofMillis(50))))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("did not end within 50 ms");
            pair.client().awaitLost();
        });
    }

    /// {@return a transport that this library does not know as its own}
    private static Transport foreign(Transport own) {
        return (Transport)
                Proxy.newProxyInstance(
                        Transport.class.getClassLoader(),
                        new Class<?>[] {Transport.class},
                        (_, method, arguments) -> method.invoke(own, arguments));
    }

    @Test
    void aTransportOfAnotherImplementationIsWrapped() {
        withPair((run, pair) -> {
            var server = new RecordingProtocol();
            var upgrade =
                    run.loop.createTask(
                            () -> Net.startTls(foreign(pair.server().transport), server, SERVING));
            var client = new RecordingProtocol();
            var secured =
                    Net.startTls(
                            foreign(pair.client().transport),
                            client,
                            CONNECTING.withServerName("localhost"));
            var accepted = upgrade.await();
            secured.write(randomBytes(BIG));
            server.awaitBytes(BIG);
            assertThat(server.received.toByteArray()).isEqualTo(randomBytes(BIG));
            accepted.write(bytes("back"));
            client.awaitText("back");
            accepted.close();
            server.awaitLost();
            client.awaitLost();
            assertThat(client.events).containsExactly("pause", "resume", "data", "eof", "lost");
            pair.client().connectionLost(null);
            pair.server().connectionLost(null);
        });
    }

    @Test
    void aTransportOfAnotherImplementationIsAbortedWhereItsHandshakeFails() {
        withPair((run, pair) -> {
            var upgrade = serve(run, pair, pair.server());
            assertThatThrownBy(() ->
                            Net.startTls(
                                    foreign(pair.client().transport),
                                    new RecordingProtocol(),
                                    CONNECTING.withServerName("wrong.test")))
                    .isInstanceOf(SSLHandshakeException.class);
            assertThatThrownBy(upgrade::await).isNotNull();
            pair.client().awaitLost();
            pair.server().awaitLost();
        });
    }

    @Test
    void theProtocolOfAWrappedTransportHearsOfALossDuringTheHandshake() {
        withPair((run, pair) -> {
            var upgrade = wrap(run, pair.client(), new RecordingProtocol());
            Async.yieldNow();
            Async.yieldNow();
            pair.client().transport.abort();
            assertThatThrownBy(upgrade::await).hasRootCauseInstanceOf(IOException.class);
            pair.client().awaitLost();
            assertThat(pair.client().events).containsExactly("made", "lost");
        });
    }

    @Test
    void aProtocolThatWasToldToPauseIsToldToGoOnWhereItsTransportIsWrapped() {
        withPair((run, pair) -> {
            fill(pair.client(), pair.server());
            var upgrade = wrap(run, pair.client(), pair.client());
            Async.yieldNow();
            assertThat(pair.client().events).containsExactly("made", "pause");
            pair.server().transport.resumeReading();
            pair.client().await("resume");
            assertThat(pair.client().events).containsExactly("made", "pause", "resume");
            upgrade.cancel();
            Async.waitAll(List.of(upgrade));
        });
    }

    @Test
    void aWrappedUpgradeThatIsCancelledAtAnyMomentAbortsTheConnectionAndTellsTheOldProtocol() {
        for (var turns = 0; turns < 40; turns++) {
            var before = turns;
            withPair((run, pair) -> {
                var server = serve(run, pair, pair.server());
                var client = wrap(run, pair.client(), new RecordingProtocol());
                for (var turn = 0; turn < before; turn++) {
                    Async.yieldNow();
                }
                if (client.cancel()) {
                    Async.waitAll(List.of(client));
                    assertThat(client.isCancelled()).isTrue();
                    if (before > 0) {
                        pair.client().awaitLost();
                        assertThat(pair.client().events).hasSize(2);
                    }
                } else {
                    client.await().abort();
                    pair.client().connectionLost(null);
                }
                server.cancel();
                Async.waitAll(List.of(server));
            });
        }
    }

    @Test
    void aWrappedConnectionWhosePeerDoesNotReadKeepsNoLoopBusy() {
        withPair((run, pair) -> {
            var server = new RecordingProtocol();
            var upgrade =
                    run.loop.createTask(
                            () -> Net.startTls(foreign(pair.server().transport), server, SERVING));
            var client = new RecordingProtocol();
            var secured =
                    Net.startTls(
                            foreign(pair.client().transport),
                            client,
                            CONNECTING.withServerName("localhost"));
            client.transport = secured;
            server.transport = upgrade.await();
            fill(client, server);
            // On virtual time this ends only when no callback is ready any more.
            Async.sleep(Duration.ofMillis(50));
            secured.abort();
            Async.sleep(Duration.ofMillis(50));
            server.transport.resumeReading();
            server.awaitLost();
            assertThat(server.lossCause).isInstanceOf(IOException.class);
            pair.client().connectionLost(null);
            pair.server().connectionLost(null);
        });
    }

    @Test
    void theSessionsOfUpgradesAreThoseOfNameAndPort() {
        withPair((run, pair) -> {
            var upgrade = serve(run, pair, pair.server());
            var secured =
                    Net.startTls(
                            pair.client().transport,
                            pair.client(),
                            CONNECTING.withServerName("localhost"));
            var there = (InetSocketAddress) secured.extra(Key.PEER_ADDRESS);
            assertThat(secured.extra(Key.SSL_SESSION).getPeerHost()).isEqualTo("localhost");
            assertThat(secured.extra(Key.SSL_SESSION).getPeerPort()).isEqualTo(there.getPort());
            upgrade.await();
        });
    }

    private static Task<Transport> wrap(TestRun run, RecordingProtocol client, Protocol next) {
        return run.loop.createTask(() ->
                Net.startTls(
                        foreign(client.transport), next, CONNECTING.withServerName("localhost")));
    }
}
