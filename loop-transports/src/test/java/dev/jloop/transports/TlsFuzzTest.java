package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/// Damaged TLS records and hellos, at every flight of a handshake and after it: on each the
/// connection ends in time, with an `IOException` at most, and nothing is reported or left behind.
///
/// Time is virtual, so that a deadline costs nothing, and a hang is a deadline that was missed. The
/// seed is printed. `-Djloop.test.options=-Djloop.fuzz.seed=...` takes it again: the damage is the
/// same then, while the engines make other random numbers. So a failure shows all bytes sent.
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@ExtendWith(LeakCheck.class)
class TlsFuzzTest {
    /// With those of the other engine and the other test: 10,000 in each build.
    private static final int QUICK_CASES = 2500;

    private static final int NIGHTLY_CASES = 50_000;
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    /// Both time-outs, the patience of the other side, and the step of the clock in between.
    private static final Duration LONGEST = Duration.ofSeconds(4);

    private static final String[] VERSIONS = {"TLSv1.2", "TLSv1.3"};

    private final long seed =
            Long.getLong("jloop.fuzz.seed", new SplittableRandom().nextLong() >>> 16);
    private final Random random = new Random(seed);
    private final TlsMutator mutator = new TlsMutator(random);

    // Some sessions are resumed, so that the hellos have tickets too.
    private final SSLContext clientContext = TestCertificates.clientWithKey();
    private final SSLContext serverContext = TestCertificates.server();

    private final List<LoopException> reports = new ArrayList<>();
    private int handshakes;

    /// One attack: which flight is damaged, if the handshake gets so far.
    private record Case(int number, String version, int flight) {}

    private Case newCase(int number) {
        // Most go for the hello, which is not encrypted and where there is most to get wrong.
        var flight = random.nextInt(5) < 3 ? 0 : random.nextInt(5);
        return new Case(number, VERSIONS[random.nextInt(VERSIONS.length)], flight);
    }

    private byte[] damaged(Case attack, int flight, byte[] bytes) {
        return flight == attack.flight ? mutator.mutate(bytes) : bytes;
    }

    private String described(Case attack, RawTls raw) {
        return attack + " of seed " + seed + ", sent " + HexFormat.of().formatHex(raw.sent());
    }

    @Test
    void damagedClientsDoNoHarmToAServer() {
        attackServer(QUICK_CASES);
    }

    @Test
    void damagedServersDoNoHarmToAClient() {
        attackClient(QUICK_CASES);
    }

    @Test
    @Tag("nightly")
    void veryManyDamagedClientsDoNoHarmToAServer() {
        attackServer(NIGHTLY_CASES);
    }

    @Test
    @Tag("nightly")
    void veryManyDamagedServersDoNoHarmToAClient() {
        attackClient(NIGHTLY_CASES);
    }

    /// Many small pieces and records are only slow.
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void withoutDamageTheAttackersHandshakeIsComplete(String version) {
        onVirtualTime(loop -> {
            var fuzzed = new FuzzedServer(loop);
            var raw = fuzzed.attack(new Case(0, version, -1));
            assertThat(raw.isHandshakeDone()).isTrue();
            assertThat(fuzzed.protocol.events).containsExactly("made", "data", "eof", "lost");
            fuzzed.server.close();
        });
    }

    private void attackServer(int cases) {
        onVirtualTime(loop -> {
            var fuzzed = new FuzzedServer(loop);
            for (var number = 0; number < cases; number++) {
                fuzzed.attack(newCase(number));
            }
            fuzzed.server.close();
            fuzzed.server.waitClosed();
            assertNothingIsLeft(loop);
        });
        report("clients", cases);
    }

    private void attackClient(int cases) {
        onVirtualTime(loop -> {
            for (var number = 0; number < cases; number++) {
                attackClient(loop, newCase(number));
            }
            assertNothingIsLeft(loop);
        });
        report("servers", cases);
    }

    /// A test on a loop of its own. [TestRun] has a limit of time, which is nothing here.
    @FunctionalInterface
    private interface Body {
        void run(EventLoop loop) throws Exception;
    }

    private void onVirtualTime(Body body) {
        var loop = VirtualTime.newLoop();
        loop.setExceptionHandler((_, report) -> reports.add(report));
        MemoryNetwork.on(loop);
        try (loop) {
            loop.runUntilComplete(() -> body.run(loop));
        }
        assertThat(reports).isEmpty();
    }

    private void report(String attackers, int cases) {
        System.out.printf(
                "TLS fuzz: %d damaged %s, seed %d; %d handshakes were completed nevertheless%n",
                cases, attackers, seed, handshakes);
        // Some damage is harmless, most is not; where none is, or all, nothing was tested.
        assertThat(handshakes).isBetween(1, cases - 1);
    }

    private static void assertNothingIsLeft(EventLoop loop) {
        assertThat(loop.allTasks()).hasSize(1); // the test's own
    }

    /// A server of ours.
    private final class FuzzedServer {
        private final EventLoop loop;
        private final MemoryNetwork network;
        private final Server server;
        private RecordingProtocol protocol = new RecordingProtocol();

        FuzzedServer(EventLoop loop) throws IOException {
            this.loop = loop;
            network = (MemoryNetwork) Network.of(loop);
            var tls =
                    TlsOptions.server(serverContext)
                            .withAlpn("h2", "http/1.1")
                            .withClientAuth(false)
                            .withContextByName(name -> name.length() > 200 ? serverContext : null)
                            .withHandshakeTimeout(HANDSHAKE_TIMEOUT)
                            .withShutdownTimeout(SHUTDOWN_TIMEOUT);
            server =
                    Net.createServer(
                            () -> protocol,
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            ListenOptions.DEFAULTS.withTls(tls));
        }

        RawTls attack(Case attack) throws IOException {
            protocol = new RecordingProtocol();
            network.links.clear();
            var link = network.connect(server.addresses().getFirst(), null);
            var ours = network.links.getLast();
            var raw =
                    new RawTls(
                            link,
                            clientEngine(attack.version),
                            (flight, bytes) -> damaged(attack, flight, bytes));
            var begin = loop.time();
            raw.start();
            awaitEnd(attack, raw, begin, ours::isClosed);
            checkOutcome(attack, raw, protocol);
            return raw;
        }
    }

    private SSLEngine clientEngine(String version) {
        var engine = clientContext.createSSLEngine("example.test", 443);
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {version});
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        engine.setSSLParameters(parameters);
        return engine;
    }

    private SSLEngine serverEngine(String version) {
        var engine = serverContext.createSSLEngine();
        engine.setUseClientMode(false);
        var parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {version});
        parameters.setNeedClientAuth(random.nextInt(4) == 0);
        engine.setSSLParameters(parameters);
        return engine;
    }

    private void attackClient(EventLoop loop, Case attack) throws IOException {
        var network = (MemoryNetwork) Network.of(loop);
        network.links.clear();
        var listener =
                network.listen(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ListenOptions.DEFAULTS);
        var protocol = new RecordingProtocol();
        var begin = loop.time();
        var connecting = loop.createTask(() -> connect(protocol, listener));
        var link = listener.accept();
        while (link == null) {
            Async.yieldNow();
            link = listener.accept();
        }
        var raw =
                new RawTls(
                        link,
                        serverEngine(attack.version),
                        (flight, bytes) -> damaged(attack, flight, bytes));
        raw.start();
        var ours = network.links.getFirst();
        awaitEnd(attack, raw, begin, () -> ours.isClosed() && connecting.isDone());
        var failure = connecting.await();
        if (failure != null) {
            assertThat(failure).as(() -> described(attack, raw)).isInstanceOf(IOException.class);
            assertThat(protocol.events).as(() -> described(attack, raw)).isEmpty();
        }
        checkOutcome(attack, raw, protocol);
        listener.close();
    }

    private Exception connect(RecordingProtocol protocol, Network.Listener listener) {
        var tls =
                TlsOptions.client(clientContext)
                        .withServerName("example.test")
                        .withHandshakeTimeout(HANDSHAKE_TIMEOUT)
                        .withShutdownTimeout(SHUTDOWN_TIMEOUT);
        try {
            Net.createConnection(
                    () -> protocol, listener.address(), ConnectOptions.DEFAULTS.withTls(tls));
            return null;
        } catch (Exception failure) {
            return failure;
        }
    }

    /// The attacker gives up after a while, and leaves without a word.
    private void awaitEnd(
            Case attack, RawTls raw, long begin, java.util.function.BooleanSupplier ended) {
        var loop = EventLoop.current();
        while (!ended.getAsBoolean()) {
            var waited = Duration.ofNanos(loop.time() - begin);
            if (waited.compareTo(LONGEST) > 0) {
                fail("still there after " + waited + ": " + described(attack, raw));
            }
            if (waited.compareTo(PATIENCE) > 0) {
                raw.end();
            }
            Async.sleep(Duration.ofMillis(100));
        }
        raw.end();
    }

    private void checkOutcome(Case attack, RawTls raw, RecordingProtocol protocol) {
        assertThat(reports).as(() -> described(attack, raw)).isEmpty();
        if (!protocol.events.isEmpty()) {
            handshakes++;
            assertThat(protocol.events).as(() -> described(attack, raw)).startsWith("made");
            assertThat(protocol.events)
                    .as(() -> described(attack, raw))
                    .filteredOn(event -> event.equals("lost") || event.equals("broken"))
                    .hasSize(1);
            if (protocol.lossCause != null) {
                assertThat(protocol.lossCause)
                        .as(() -> described(attack, raw))
                        .isInstanceOf(IOException.class);
            }
        }
    }
}
