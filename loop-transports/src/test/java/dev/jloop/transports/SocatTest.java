package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/// Unix sockets and datagrams as another program uses them.
class SocatTest {
    @TempDir private Path folder;

    @Test
    void socatTalksToAServerOnAUnixSocket() {
        TestRun.onSockets(_ -> {
            var path = folder.resolve("server.sock");
            var server = new RecordingProtocol();
            server.onData = data -> server.transport.write(data.retain());
            server.keepOpen = true;
            try (var _ = Net.createServer(() -> server, UnixDomainSocketAddress.of(path));
                    var socat = Peer.start("socat", "-t", "30", "-", "UNIX-CONNECT:" + path)) {
                socat.send("over a file\n");
                assertThat(socat.awaitLine("over")).isEqualTo("over a file");
                socat.endInput();
                server.await("eof");
                server.transport.close();
                server.awaitLost();
                assertThat(socat.awaitExit()).isZero();
            }
        });
    }

    @Test
    void weTalkToAServerOfSocatOnAUnixSocket() {
        TestRun.onSockets(_ -> {
            var path = folder.resolve("socat.sock");
            try (var socat = Peer.start("socat", "-d", "-d", "UNIX-LISTEN:" + path, "EXEC:cat")) {
                socat.awaitLine("listening on");
                var client = new RecordingProtocol();
                Net.createConnection(() -> client, UnixDomainSocketAddress.of(path));
                client.transport.write("there and back".getBytes(US_ASCII));
                client.awaitText("there and back");
                client.transport.writeEof();
                client.awaitLost();
                assertThat(client.events).endsWith("eof", "lost");
                assertThat(socat.awaitExit()).isZero();
            }
        });
    }

    @Test
    void socatSendsDatagramsAndGetsOurAnswers() {
        TestRun.onSockets(_ -> {
            var server = DatagramContract.open(DatagramContract.ANY_PORT, null);
            server.onData = (data, sender) -> server.transport.sendTo(data.retain(), sender);
            try (var socat =
                    Peer.start("socat", "-", "UDP4:127.0.0.1:" + server.address().getPort())) {
                socat.send("over the loopback\n");
                assertThat(socat.awaitLine("over")).isEqualTo("over the loopback");
                assertThat(server.received).containsExactly("over the loopback\n");
            }
            DatagramContract.endAll(server);
        });
    }

    @Test
    void weSendDatagramsToSocatAndGetItsAnswers() {
        TestRun.onSockets(_ -> {
            var address = SocketDatagramTest.unusedAddress();
            var receiving = "UDP4-RECVFROM:" + address.getPort() + ",bind=127.0.0.1";
            try (var socat = Peer.start("socat", "-d", "-d", receiving, "EXEC:cat")) {
                socat.awaitLine("receiving on");
                var client = DatagramContract.open(null, address);
                client.transport.send(DatagramContract.buffer("there and back"));
                client.awaitCount(1);
                assertThat(client.received).containsExactly("there and back");
                DatagramContract.endAll(client);
            }
        });
    }
}
