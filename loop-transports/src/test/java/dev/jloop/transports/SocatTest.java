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
}
