package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.TimedOutException;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.Streams;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.TlsOptions;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import javax.net.ssl.SSLContext;

/// A connection meets trouble while it is asked for, granted, accepted, secured, used, closed, and
/// when it is gone: whenever that is, the hosts can talk again afterwards, nothing is left of it,
/// and each packet has met an end that listeners were told of.
@Timeout(60)
class TroubleAtEachMomentTest {
    private static final Duration STEP = Duration.ofMillis(5);
    private static final Duration A_WHILE = Duration.ofMinutes(3);
    private static final int PORT = 443;

    /// What happens to the hosts, and how it ends.
    enum Trouble {
        CLIENT_CRASH {
            @Override
            void meet(SimulatedNetwork network) {
                network.host("client").restart();
            }
        },
        SERVER_CRASH {
            @Override
            void meet(SimulatedNetwork network) {
                network.host("server").restart();
            }
        },
        SHORT_PARTITION {
            @Override
            void meet(SimulatedNetwork network) {
                network.partition("client", "server");
                Async.sleep(Duration.ofSeconds(5));
                network.repair("client", "server");
            }
        },
        LONG_PARTITION_ONE_WAY {
            @Override
            void meet(SimulatedNetwork network) {
                network.partitionOneWay("server", "client");
                Async.sleep(A_WHILE);
                network.repair("client", "server");
            }
        },
        CRASH_IN_A_PARTITION {
            @Override
            void meet(SimulatedNetwork network) {
                network.partition("client", "server");
                Async.sleep(STEP);
                network.host("client").restart();
                Async.sleep(A_WHILE);
                network.repair("client", "server");
            }
        },
        LONG_HOLD {
            @Override
            void meet(SimulatedNetwork network) {
                network.hold("client", "server");
                Async.sleep(A_WHILE.minusMinutes(1));
                network.release("client", "server");
            }
        },
        RESET_IN_A_PARTITION {
            @Override
            void meet(SimulatedNetwork network) {
                network.partition("client", "server");
                Async.sleep(STEP);
                network.resetConnections("client", "server");
                network.repair("client", "server");
            }
        };

        abstract void meet(SimulatedNetwork network);
    }

    /// One run, with trouble at one moment.
    private static final class Run {
        private final VirtualTimeLoop loop = VirtualTimeLoop.create();
        private final SimulatedNetwork network = SimulatedNetwork.on(loop);
        private final List<String> reports = new ArrayList<>();
        private final Map<Long, String> told = new TreeMap<>();
        private final StreamOptions serving;
        private final StreamOptions connecting;

        Run(StreamOptions serving, StreamOptions connecting) {
            this.serving = serving;
            this.connecting = connecting;
            loop.setExceptionHandler((_, report) -> reports.add(report.toString()));
            network.setLatency(Duration.ofMillis(10));
            network.setWindow(1000);
            var _ =
                    network.observe(
                            new PacketListener() {
                                @Override
                                public void sent(Packet packet) {
                                    told.put(packet.number(), "sent");
                                }

                                @Override
                                public void delivered(Packet packet) {
                                    told.put(packet.number(), "delivered");
                                }

                                @Override
                                public void delayed(Packet packet, String why) {
                                    told.put(packet.number(), "delayed");
                                }

                                @Override
                                public void dropped(Packet packet, String why) {
                                    told.put(packet.number(), "dropped");
                                }
                            });
        }

        void meet(Trouble trouble, Duration moment) {
            try (loop) {
                loop.runUntilComplete(() -> go(trouble, moment));
            }
            assertThat(reports).as("reports").isEmpty();
            assertThat(told.values()).as("packets").doesNotContain("sent", "delayed");
        }

        private void go(Trouble trouble, Duration moment) {
            serve();
            var first = network.host("client").createTask(this::exchange);
            Async.sleep(moment);
            trouble.meet(network);
            try {
                first.await();
            } catch (CancelledError crashed) {
                assertThat(trouble).isIn(Trouble.CLIENT_CRASH, Trouble.CRASH_IN_A_PARTITION);
            }
            Async.sleep(A_WHILE);
            assertThat(sockets()).noneMatch(line -> line.contains("ING,"));
            assertThat(sockets()).noneMatch(line -> line.contains("LEFT"));
            if (trouble == Trouble.SERVER_CRASH) {
                serve();
            }
            assertThat(network.host("client").createTask(this::exchange).await())
                    .as("the exchange after the trouble")
                    .isEqualTo("answered");
            Async.sleep(A_WHILE);
            network.host("server").crash();
            network.host("client").crash();
            assertThat(sockets()).isEmpty();
            Async.sleep(Duration.ofSeconds(1));
        }

        private List<String> sockets() {
            return network.describe().lines().filter(line -> line.startsWith("    ")).toList();
        }

        private void serve() {
            var _ =
                    network.host("server")
                            .createTask(() ->
                                    Streams.startServer(
                                            (reader, writer) -> {
                                                try {
                                                    for (var line : reader.lines()) {
                                                        writer.write(line);
                                                    }
                                                } catch (RuntimeException lost) {
                                                    // told by what the client sees
                                                }
                                            },
                                            "0.0.0.0",
                                            PORT,
                                            serving))
                            .await();
        }

        /// {@return how an exchange went, which must not take for ever}
        private String exchange() {
            try {
                return Async.withTimeout(
                        A_WHILE,
                        () -> {
                            try (var stream = Streams.openConnection("server", PORT, connecting)) {
                                var line = "x".repeat(3000) + "\n";
                                stream.writer().write(line.getBytes(US_ASCII));
                                var answer = new String(stream.reader().readLine(), US_ASCII);
                                return answer.equals(line) ? "answered" : "cut";
                            }
                        });
            } catch (IOException lost) {
                return "lost";
            } catch (TimedOutException silence) {
                return "silence";
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPlainConnectionMeets(Trouble trouble) {
        for (var moment = STEP; moment.toMillis() < 250; moment = moment.plus(STEP)) {
            meet(trouble, moment, StreamOptions.DEFAULTS, StreamOptions.DEFAULTS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSecuredConnectionMeets(Trouble trouble) {
        SSLContext context = TestCertificate.context();
        var serving =
                StreamOptions.DEFAULTS.withListen(
                        ListenOptions.DEFAULTS.withTls(TlsOptions.server(context)));
        var connecting =
                StreamOptions.DEFAULTS.withConnect(
                        ConnectOptions.DEFAULTS.withTls(TlsOptions.client(context)));
        for (var moment = STEP;
                moment.toMillis() < 250;
                moment = moment.plus(STEP.multipliedBy(3))) {
            meet(trouble, moment, serving, connecting);
        }
    }

    private static void meet(
            Trouble trouble, Duration moment, StreamOptions serving, StreamOptions connecting) {
        try {
            new Run(serving, connecting).meet(trouble, moment);
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError(trouble + " after " + moment, failure);
        }
    }
}
