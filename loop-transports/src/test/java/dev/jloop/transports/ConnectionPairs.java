package dev.jloop.transports;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;

import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;

/// Tests with two connected protocols, on any network: for what can be seen from inside this module
/// only. What every transport promises is in the `TransportContract` of the testkit, which runs
/// over sockets and TLS there.
@ExtendWith(LeakCheck.class)
abstract class ConnectionPairs {
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

    /// {@return the settings of whoever connects}
    ConnectOptions connectOptions() {
        return ConnectOptions.DEFAULTS;
    }

    /// {@return the settings of whoever listens}
    ListenOptions listenOptions() {
        return ListenOptions.DEFAULTS;
    }

    /// {@return whether one direction can end before the other}
    boolean halfCloses() {
        return true;
    }

    Pair connect(RecordingProtocol client, RecordingProtocol accepted) throws IOException {
        try (var server = Net.createServer(() -> accepted, loopback(), listenOptions())) {
            Net.createConnection(() -> client, server.addresses().getFirst(), connectOptions());
            accepted.await("made");
        }
        return new Pair(client, accepted);
    }

    static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
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
}
