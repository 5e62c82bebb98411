package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

import javax.net.ssl.SSLContext;

/// Many handshakes, one in ten of which is ended at one of its flights: by a peer that leaves, by
/// one that falls silent, or by whoever connects. None outlives its deadline, and nothing is left
/// of any: no engine, no link, no timer, no task.
@ExtendWith(LeakCheck.class)
class TlsHandshakeCampaignTest {
    private static final int QUICK_HANDSHAKES = 300;
    private static final int NIGHTLY_HANDSHAKES = 20_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final String[] VERSIONS = {"TLSv1.2", "TLSv1.3"};

    /// How a handshake is ended.
    private enum Abort {
        PEER_RESETS,
        PEER_CLOSES,
        PEER_FALLS_SILENT,
        CONNECTING_IS_CANCELLED
    }

    private final long seed =
            Long.getLong("jloop.campaign.seed", new SplittableRandom().nextLong() >>> 16);
    private final Random random = new Random(seed);
    private final TrackedContext clientContext = TrackedContext.of(TestCertificates.client());
    private final TrackedContext serverContext = TrackedContext.of(TestCertificates.server());
    private final SSLContext foreignClient = TestCertificates.client();
    private final SSLContext foreignServer = TestCertificates.server();
    private final List<LoopException> reports = new ArrayList<>();
    private int completed;
    private int aborted;
    private int timedOut;

    @Test
    void threeHundredHandshakesLeaveNothingBehind() {
        campaign(QUICK_HANDSHAKES);
    }

    @Test
    @Tag("nightly")
    void twentyThousandHandshakesLeaveNothingBehind() {
        campaign(NIGHTLY_HANDSHAKES);
    }

    private void campaign(int count) {
        var loop = VirtualTime.newLoop();
        loop.setExceptionHandler((_, report) -> reports.add(report));
        var network = MemoryNetwork.on(loop);
        try (loop) {
            loop.runUntilComplete(() -> shakeHands(network, count));
            assertThat(reports).as("seed %d", seed).isEmpty();
            assertNoTimerIsLeft(loop);
        }
        System.out.printf(
                "TLS handshakes: %d completed, %d aborted, of which %d by their deadline; seed"
                        + " %d%n",
                completed, aborted, timedOut, seed);
        assertThat(completed + aborted).isEqualTo(count);
        assertThat(clientContext.made()).isGreaterThan(count / 2);
        assertThat(serverContext.made()).isGreaterThan(count / 2);
        assertThat(clientContext.held()).as("engines of clients that are held").isZero();
        assertThat(serverContext.held()).as("engines of servers that are held").isZero();
    }

    /// A loop on virtual time that has nothing to do and no timer says so at once; with a timer, it
    /// would go there first.
    private static void assertNoTimerIsLeft(EventLoop loop) {
        var now = loop.time();
        assertThatThrownBy(() -> loop.runUntilComplete(() -> loop.createFuture("no end").await()))
                .hasStackTraceContaining("deadlock");
        assertThat(loop.time()).as("the time at which no timer was left").isEqualTo(now);
    }

    private void shakeHands(MemoryNetwork network, int count) throws IOException {
        for (var number = 0; number < count; number++) {
            var version = VERSIONS[random.nextInt(2)];
            network.links.clear();
            if (random.nextInt(10) > 0) {
                complete(version);
            } else {
                var kind = Abort.values()[random.nextInt(Abort.values().length)];
                var flight = random.nextInt(3);
                switch (kind) {
                    case CONNECTING_IS_CANCELLED -> cancelConnecting(version);
                    case PEER_RESETS, PEER_CLOSES, PEER_FALLS_SILENT -> {
                        if (random.nextBoolean()) {
                            leaveServer(network, kind, version, flight);
                        } else {
                            leaveClient(network, kind, version, flight);
                        }
                    }
                }
            }
            assertThat(network.links)
                    .as("links of handshake %d, seed %d", number, seed)
                    .allSatisfy(link -> assertThat(link.isClosed()).isTrue());
        }
        assertThat(EventLoop.current().allTasks()).hasSize(1); // this one
    }

    private TlsOptions serverTls(String version) {
        return only(version, TlsOptions.server(serverContext));
    }

    private TlsOptions clientTls(String version) {
        return only(version, TlsOptions.client(clientContext).withServerName("example.test"));
    }

    private static TlsOptions only(String version, TlsOptions tls) {
        return tls.withHandshakeTimeout(TIMEOUT)
                .withShutdownTimeout(TIMEOUT)
                .withParameters(parameters -> parameters.setProtocols(new String[] {version}));
    }

    private static Server listen(RecordingProtocol accepted, TlsOptions tls) throws IOException {
        return Net.createServer(
                () -> accepted,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                ListenOptions.DEFAULTS.withTls(tls));
    }

    private static void end(Server server) {
        server.close();
        server.abortClients();
        server.waitClosed();
        Async.yieldNow();
    }

    private void complete(String version) throws IOException {
        var accepted = new RecordingProtocol();
        var server = listen(accepted, serverTls(version));
        try {
            var client =
                    Net.createConnection(
                            RecordingProtocol::new,
                            server.addresses().getFirst(),
                            ConnectOptions.DEFAULTS.withTls(clientTls(version)));
            client.transport().write(ConnectionPairs.bytes("hello"));
            client.transport().close();
            client.protocol().awaitLost();
            accepted.awaitLost();
            assertThat(accepted.text()).isEqualTo("hello");
        } finally {
            end(server);
        }
        completed++;
    }

    private void cancelConnecting(String version) throws IOException {
        var accepted = new RecordingProtocol();
        var server = listen(accepted, serverTls(version));
        try {
            var address = server.addresses().getFirst();
            var connecting = EventLoop.current().createTask(() -> connect(address, version));
            for (var turns = random.nextInt(12); turns > 0; turns--) {
                Async.yieldNow();
            }
            connecting.cancel();
            try {
                connecting.await().abort(); // it was faster
            } catch (CancelledError _) {
                assertThat(connecting.isCancelled()).isTrue();
            }
        } finally {
            end(server);
        }
        aborted++;
    }

    private Transport connect(SocketAddress address, String version) throws IOException {
        return Net.createConnection(
                        RecordingProtocol::new,
                        address,
                        ConnectOptions.DEFAULTS.withTls(clientTls(version)))
                .transport();
    }

    /// What a peer does at a flight instead of sending it.
    private static byte[] leave(Abort kind, Network.Link link) {
        switch (kind) {
            case PEER_RESETS -> link.reset();
            case PEER_CLOSES -> link.close();
            case PEER_FALLS_SILENT -> {} // the link stays open
            case CONNECTING_IS_CANCELLED -> throw new AssertionError(kind);
        }
        return null;
    }

    private void leaveServer(MemoryNetwork network, Abort kind, String version, int flight)
            throws IOException {
        var accepted = new RecordingProtocol();
        var server = listen(accepted, serverTls(version));
        try {
            var link = network.connect(server.addresses().getFirst(), null);
            var ours = network.links.getLast();
            var engine = foreignClient.createSSLEngine("example.test", 443);
            engine.setUseClientMode(true);
            var raw =
                    new RawTls(
                            link,
                            engine,
                            (number, bytes) -> number < flight ? bytes : leave(kind, link));
            var begin = EventLoop.current().time();
            raw.start();
            while (!ours.isClosed()) {
                if (!accepted.events.isEmpty() && kind == Abort.PEER_FALLS_SILENT) {
                    accepted.transport.abort(); // the handshake was complete before that flight
                }
                Async.sleep(Duration.ofMillis(10));
            }
            noteEnd(kind, begin, accepted.events.isEmpty());
            raw.end();
        } finally {
            end(server);
        }
    }

    private void leaveClient(MemoryNetwork network, Abort kind, String version, int flight)
            throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var listener = network.listen(address, ListenOptions.DEFAULTS);
        var begin = EventLoop.current().time();
        var connecting =
                EventLoop.current()
                        .createTask(() -> {
                            try {
                                connect(listener.address(), version).abort();
                                return null;
                            } catch (IOException failure) {
                                return failure;
                            }
                        });
        var link = listener.accept();
        while (link == null) {
            Async.yieldNow();
            link = listener.accept();
        }
        var accepted = link;
        var engine = foreignServer.createSSLEngine();
        engine.setUseClientMode(false);
        var raw =
                new RawTls(
                        link,
                        engine,
                        (number, bytes) -> number < flight ? bytes : leave(kind, accepted));
        raw.start();
        var failure = connecting.await();
        noteEnd(kind, begin, failure != null);
        raw.end();
        listener.close();
        Async.yieldNow();
        Async.yieldNow();
    }

    private void noteEnd(Abort kind, long begin, boolean inHandshake) {
        var time = Duration.ofNanos(EventLoop.current().time() - begin);
        if (kind == Abort.PEER_FALLS_SILENT && inHandshake) {
            timedOut++;
            assertThat(time).as("seed %d", seed).isBetween(TIMEOUT, TIMEOUT.plusMillis(10));
        } else {
            assertThat(time).as("seed %d", seed).isLessThan(TIMEOUT);
        }
        aborted++;
    }
}
