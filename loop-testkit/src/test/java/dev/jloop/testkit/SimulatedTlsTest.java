package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.Streams;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.TlsOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Random;

/// TLS between simulated hosts: the code that runs on sockets, on a loop with a seed.
@Timeout(60)
class SimulatedTlsTest {
    @Test
    void aSecuredStreamArrivesIntactInPiecesOfAnySize() {
        var context = TestCertificate.context();
        var data = new byte[200_000];
        new Random(1).nextBytes(data);
        try (var loop = VirtualTimeLoop.seeded(7)) {
            var network = SimulatedNetwork.on(loop);
            network.setJitter(Duration.ofMillis(2));
            loop.runUntilComplete(() -> {
                try (var _ =
                                network.host("server")
                                        .createTask(() ->
                                                Streams.startServer(
                                                        (reader, writer) ->
                                                                writer.write(
                                                                        reader.readExactly(
                                                                                data.length)),
                                                        "0.0.0.0",
                                                        443,
                                                        StreamOptions.DEFAULTS.withListen(
                                                                ListenOptions.DEFAULTS.withTls(
                                                                        TlsOptions.server(
                                                                                context)))))
                                        .await();
                        var stream =
                                Streams.openConnection(
                                        "server",
                                        443,
                                        StreamOptions.DEFAULTS.withConnect(
                                                ConnectOptions.DEFAULTS.withTls(
                                                        TlsOptions.client(context))))) {
                    var answer = Async.createTask(() -> stream.reader().readAll());
                    stream.writer().write(data);
                    assertThat(answer.await()).isEqualTo(data);
                }
            });
        }
    }
}
