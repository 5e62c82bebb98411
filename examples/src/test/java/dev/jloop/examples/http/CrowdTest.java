package dev.jloop.examples.http;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;
import dev.jloop.examples.http.server.Answer;
import dev.jloop.examples.http.server.Request;
import dev.jloop.examples.http.server.ServerOptions;
import dev.jloop.examples.http.server.SimulatedSite;
import dev.jloop.streams.StreamConnection;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimHost;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A thousand clients at once, of whom some vanish in the middle of an answer.
class CrowdTest {
    private static final int HOSTS = 50;
    private static final int CLIENTS_OF_A_HOST = 20;
    private static final int CLIENTS = HOSTS * CLIENTS_OF_A_HOST;

    /// Of each host, the clients below this number cut their connection in the middle of an answer.
    private static final int RUDE_OF_A_HOST = 2;

    /// So many hosts fail in the middle of an answer, with all their clients.
    private static final int DOOMED_HOSTS = 5;

    private static final int MORE_REQUESTS = 2;
    private static final int LONG_PIECES = 100;
    private static final int PIECE_BYTES = 4 * 1024;
    private static final int TAKEN_BYTES = 10_000;
    private static final ServerOptions OPTIONS =
            ServerOptions.DEFAULTS.withIdleTimeout(Duration.ofSeconds(30));

    /// What the server sends, and who owns it.
    private static final class Site {
        private final LoopFuture<@Nullable Void> allHere = EventLoop.current().createFuture();
        private final List<ByteBuf> pieces = new ArrayList<>();
        private int here;

        Answer answer(Request request) throws IOException {
            return switch (request.path()) {
                case "/long" -> Answer.stream(200, "text/plain", longPieces());
                case "/echo" -> {
                    request.awaitBody();
                    yield Answer.stream(200, "text/plain", () -> kept(request.readBody()));
                }
                case "/first" -> {
                    awaitAll();
                    yield Answer.text(200, "first for " + request.target());
                }
                default -> Answer.text(200, "more for " + request.target());
            };
        }

        /// Suspends until each client has asked.
        private void awaitAll() {
            here++;
            if (here == CLIENTS) {
                allHere.setResult(null);
            } else {
                allHere.await();
            }
        }

        private Answer.Pieces longPieces() {
            var left = new int[] {LONG_PIECES};
            return () ->
                    left[0]-- == 0 ? null : kept(Unpooled.wrappedBuffer(new byte[PIECE_BYTES]));
        }

        private @Nullable ByteBuf kept(@Nullable ByteBuf piece) {
            if (piece != null) {
                pieces.add(piece);
            }
            return piece;
        }
    }

    /// One client and its connection.
    private record Client(String name, StreamConnection connection, MessageReader answers) {
        static Client connect(String name) throws IOException {
            var connection = SimulatedSite.connect();
            return new Client(
                    name, connection, new MessageReader(connection.reader(), HttpLimits.DEFAULTS));
        }

        private void ask(String request) throws IOException {
            connection.writer().write(request.getBytes(ISO_8859_1));
        }

        private void get(String target) throws IOException {
            ask("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
        }

        private void expect(String body) throws IOException {
            var answer = answers.readResponse();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.bodyText()).isEqualTo(body);
        }

        void meet() throws IOException {
            get("/first?" + name);
            expect("first for /first?" + name + "\n");
        }

        void talk() throws IOException {
            for (int i = 0; i < MORE_REQUESTS; i++) {
                if (i % 2 == 0) {
                    get("/more?" + name + "=" + i);
                    expect("more for /more?" + name + "=" + i + "\n");
                } else {
                    var body = (name + " says " + i + ", ").repeat(50);
                    ask(
                            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: "
                                    + body.length()
                                    + "\r\n\r\n"
                                    + body);
                    expect(body);
                }
            }
            connection.close();
        }

        /// Takes the beginning of an answer that is much longer.
        void begin() throws IOException {
            get("/long");
            connection.reader().readExactly(TAKEN_BYTES);
        }

        void cut() {
            connection.writer().transport().abort();
        }
    }

    private static void visit(int host, int number) throws IOException {
        var client = Client.connect(host + "-" + number);
        client.meet();
        if (number < RUDE_OF_A_HOST) {
            client.begin();
            client.cut();
        } else {
            client.talk();
        }
    }

    private static void visitUntilTheEnd(int host, int number, int[] begun) throws IOException {
        var client = Client.connect(host + "-" + number);
        client.meet();
        client.begin();
        begun[0]++;
        EventLoop.current().createFuture().await(); // its host fails
    }

    @LoopTest
    void aThousandClientsAtOnceAreServedExactlyAndThoseThatVanishLeaveNothing(
            SimulatedNetwork network, VirtualTimeLoop loop) {
        network.setLatency(Duration.ofMillis(5));
        network.setWindow(TAKEN_BYTES);
        var answers = new Site();
        try (var site = new SimulatedSite(network, answers::answer, OPTIONS)) {
            var visits = new ArrayList<Task<?>>();
            var doomed = new ArrayList<SimHost>();
            var begun = new int[1];
            for (int number = 0; number < HOSTS; number++) {
                int id = number;
                var host = network.host("client-" + id);
                if (id < DOOMED_HOSTS) {
                    doomed.add(host);
                }
                for (int client = 0; client < CLIENTS_OF_A_HOST; client++) {
                    int each = client;
                    if (id < DOOMED_HOSTS) {
                        var _ = host.createTask(() -> visitUntilTheEnd(id, each, begun));
                    } else {
                        visits.add(host.createTask(() -> visit(id, each)));
                    }
                }
            }
            Async.gather(visits).await();
            while (begun[0] < DOOMED_HOSTS * CLIENTS_OF_A_HOST) {
                Async.sleep(Duration.ofMillis(10));
            }
            Async.sleep(Duration.ofSeconds(1)); // the goodbyes of the others are on their way
            assertThat(conversations(loop)).hasSize(DOOMED_HOSTS * CLIENTS_OF_A_HOST);
            doomed.forEach(SimHost::crash);
            Async.sleep(OPTIONS.idleTimeout().plusSeconds(5));

            assertThat(conversations(loop)).as("clients that are not gone").isEmpty();
            int polite = (HOSTS - DOOMED_HOSTS) * (CLIENTS_OF_A_HOST - RUDE_OF_A_HOST);
            assertThat(site.sent).hasSize(CLIENTS + polite * MORE_REQUESTS);
            assertThat(answers.pieces)
                    .hasSizeGreaterThan(CLIENTS)
                    .allMatch(piece -> piece.refCnt() == 0);
        }
    }

    /// {@return the tasks of the server that serve a client, which are named after it}
    private static List<String> conversations(EventLoop loop) {
        return loop.allTasks().stream()
                .map(Task::name)
                .filter(name -> name.matches("10\\.[0-9.]+:\\d+"))
                .toList();
    }
}
