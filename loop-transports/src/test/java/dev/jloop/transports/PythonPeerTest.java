package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/// Python's asyncio and jloop end their outputs one at a time, and lose nothing.
class PythonPeerTest {
    @TempDir private Path folder;

    private String script() throws IOException {
        return script("half_close.py");
    }

    private String script(String name) throws IOException {
        var file = folder.resolve(name);
        try (var source = PythonPeerTest.class.getResourceAsStream(name)) {
            Files.copy(source, file);
        }
        return file.toString();
    }

    private static byte[] pattern(int count) {
        var data = new byte[count];
        for (var index = 0; index < count; index++) {
            data[index] = (byte) (index % 251);
        }
        return data;
    }

    private static String report(byte[] data) {
        var crc = new CRC32();
        crc.update(data);
        return "received " + data.length + " crc " + crc.getValue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000_000})
    void pythonGetsEverythingBeforeOurEndOfStreamAndWeGetItsAnswer(int count) throws IOException {
        var data = pattern(count);
        TestRun.onSockets(_ -> {
            try (var python = Peer.start("python3", script(), "server")) {
                var port = Integer.parseInt(python.awaitLine("port ").substring("port ".length()));
                var client = new RecordingProtocol();
                Net.createConnection(() -> client, "127.0.0.1", port);
                client.transport.write(data);
                client.transport.writeEof();
                client.awaitLost();
                assertThat(client.events).endsWith("eof", "lost");
                assertThat(client.received.toByteArray()).isEqualTo(data);
                assertThat(python.awaitEnd()).isEqualTo(report(data));
                assertThat(python.awaitExit()).isZero();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000_000})
    void weGetEverythingBeforePythonsEndOfStreamAndItGetsOurAnswer(int count) throws IOException {
        var data = pattern(count);
        TestRun.onSockets(_ -> {
            var server = new RecordingProtocol();
            server.keepOpen = true;
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            try (var listening = Net.createServer(() -> server, address)) {
                var port = ((InetSocketAddress) listening.addresses().getFirst()).getPort();
                try (var python =
                        Peer.start(
                                "python3",
                                script(),
                                "client",
                                String.valueOf(port),
                                String.valueOf(count))) {
                    server.await("eof");
                    assertThat(server.received.toByteArray()).isEqualTo(data);
                    server.transport.write(data);
                    server.transport.close();
                    server.awaitLost();
                    assertThat(python.awaitEnd()).isEqualTo(report(data));
                    assertThat(python.awaitExit()).isZero();
                }
            }
        });
    }

    @Test
    void pythonAnswersOurDatagramsTheEmptyAndTheLargestToo() {
        TestRun.onSockets(_ -> {
            try (var python = Peer.start("python3", script("datagrams.py"), "server")) {
                var port = Integer.parseInt(python.awaitLine("port ").substring("port ".length()));
                var client =
                        DatagramContract.open(
                                null, new InetSocketAddress(DatagramContract.LOCALHOST, port));
                var texts = new String[] {"small", "", "x".repeat(65_507), "last"};
                for (var index = 0; index < texts.length; index++) {
                    client.transport.send(DatagramContract.buffer(texts[index]));
                    client.awaitCount(index + 1);
                }
                assertThat(client.received).containsExactly(texts);
                assertThat(python.awaitEnd()).isEqualTo("received 5, 0, 65507, 4");
                assertThat(python.awaitExit()).isZero();
                DatagramContract.endAll(client);
            }
        });
    }

    @Test
    void weAnswerPythonsDatagramsTheEmptyAndTheLargestToo() {
        TestRun.onSockets(_ -> {
            var server = DatagramContract.open(DatagramContract.ANY_PORT, null);
            server.onData = (data, sender) -> server.transport.sendTo(data.retain(), sender);
            var port = String.valueOf(server.address().getPort());
            try (var python = Peer.start("python3", script("datagrams.py"), "client", port)) {
                assertThat(python.awaitEnd()).isEqualTo("answered 5, 0, 65507, 4");
                assertThat(python.awaitExit()).isZero();
                assertThat(server.received).extracting(String::length).endsWith(4).hasSize(4);
            }
            DatagramContract.endAll(server);
        });
    }
}
