package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What two thousand TLS connections cost that have nothing to say.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class IdleTlsTest {
    private static final int CONNECTIONS = 2000;
    private static final long MOST_BYTES_EACH = 96 * 1024;

    private static Peer start(String... arguments) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString()));
        command.addAll(
                List.of(
                        "-Xmx512m",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djloop.engine=" + System.getProperty("jloop.engine", ""),
                        "--class-path",
                        System.getProperty("java.class.path"),
                        IdleTls.class.getName()));
        command.addAll(List.of(arguments));
        return Peer.start(command.toArray(String[]::new));
    }

    private static long usedBytes(Peer server) throws IOException {
        server.send("?\n");
        return Long.parseLong(server.awaitLine("used ").substring("used ".length()));
    }

    @Test
    @Tag("nightly")
    void anIdleTls13ConnectionCostsLittleHeap() {
        Async.run(() -> {
            try (var server = start("serve")) {
                var line = server.awaitLine("serving ").split(" ", 3);
                // The classes and pools of a few handshakes are no cost of each.
                try (var first = start("connect", line[2], line[1], "20")) {
                    first.awaitLine("connected");
                    first.send("\n");
                    first.awaitLine("echoed");
                }
                var before = usedBytes(server);
                try (var clients =
                        start("connect", line[2], line[1], String.valueOf(CONNECTIONS))) {
                    var connected = clients.awaitLine("connected");
                    var fresh = (usedBytes(server) - before) / CONNECTIONS;
                    clients.send("\n");
                    clients.awaitLine("echoed");
                    clients.send("\n");
                    clients.awaitLine("echoed");
                    var used = (usedBytes(server) - before) / CONNECTIONS;
                    System.out.printf(
                            "Idle TLS 1.3: %d bytes of heap per connection, %d before the first"
                                    + " data; %s%n",
                            used, fresh, connected);
                    assertThat(used).isBetween(1024L, MOST_BYTES_EACH);
                    assertThat(fresh).isLessThanOrEqualTo(MOST_BYTES_EACH);
                }
            }
        });
    }
}
