package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;
import dev.jloop.transports.Key;
import dev.jloop.transports.Server;
import dev.jloop.transports.Transport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;

/// Readers and writers over the loopback interface.
@ExtendWith(LeakCheck.class)
class StreamsTest {
    private static final int BIG = 4 * 1024 * 1024;

    @FunctionalInterface
    private interface ConnectionBody {
        void run(TestRun run, StreamConnection connection) throws Exception;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static StreamConnection connectTo(Server server) throws IOException {
        return Streams.openConnection(server.addresses().getFirst());
    }

    /// Runs a body with a connection to a server with the given handler.
    private static void withServer(StreamHandler handler, ConnectionBody body) {
        TestRun.onSockets(run -> {
            var server = Streams.startServer(handler, "127.0.0.1", 0);
            try (var connection = connectTo(server)) {
                body.run(run, connection);
            } finally {
                server.close();
                server.waitClosed();
            }
        });
    }

    private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
        for (var line : reader.lines()) {
            writer.write(line);
        }
    }

    @Test
    void linesGoThereAndBack() {
        withServer(
                StreamsTest::echo,
                (_, connection) -> {
                    connection.writer().write(bytes("hello\n"));
                    assertThat(connection.reader().readLine()).isEqualTo(bytes("hello\n"));
                    connection.writer().writeLines(List.of(bytes("a\n"), bytes("b\n")));
                    connection.writer().writeEof();
                    assertThat(connection.reader().readAll()).isEqualTo(bytes("a\nb\n"));
                    assertThat(connection.reader().atEof()).isTrue();
                });
    }

    @Test
    void aHandlerThatLeavesTheWriterOpenHasItClosed() {
        withServer(
                (_, writer) -> writer.write(bytes("bye")),
                (_, connection) ->
                        assertThat(connection.reader().readAll()).isEqualTo(bytes("bye")));
    }

    @Test
    void theTaskOfAHandlerIsNamedAfterThePeer() {
        var names = new ArrayList<String>();
        withServer(
                (_, _) -> names.add(Async.currentTask().name()),
                (_, connection) -> {
                    connection.reader().readAll();
                    var local = (InetSocketAddress) connection.writer().extra(Key.LOCAL_ADDRESS);
                    assertThat(names).containsExactly("127.0.0.1:" + local.getPort());
                });
    }

    @Test
    void aHandlerThatFailsIsReportedOnceAndItsConnectionClosed() {
        withServer(
                (_, _) -> {
                    throw new IOException("boom");
                },
                (run, connection) -> {
                    assertThat(connection.reader().readAll()).isEmpty();
                    assertThat(run.takeReports())
                            .singleElement()
                            .satisfies(report -> {
                                assertThat(report.exception()).hasMessage("boom");
                                assertThat(report.message())
                                        .contains("127.0.0.1:")
                                        .contains("failed");
                            });
                });
    }

    @Test
    void aHandlerThatIsCancelledClosesItsConnectionInSilence() {
        var tasks = new ArrayList<Task<?>>();
        withServer(
                (reader, _) -> {
                    tasks.add(Async.currentTask());
                    reader.readAll();
                },
                (_, connection) -> {
                    while (tasks.isEmpty()) {
                        Async.yieldNow();
                    }
                    tasks.getFirst().cancel();
                    assertThat(connection.reader().readAll()).isEmpty();
                });
    }

    @Test
    void aReaderStopsThePeerAboveTwiceItsLimitAndAWaitingReadGoesOn() {
        TestRun.onSockets(_ -> {
            var data = new byte[BIG];
            Arrays.fill(data, (byte) 'x');
            var server = Streams.startServer((_, writer) -> writer.write(data), "127.0.0.1", 0);
            var options = StreamOptions.DEFAULTS.withLimit(1024);
            var address = server.addresses().getFirst();
            try (var connection = Streams.openConnection(address, options)) {
                while (connection.writer().transport().isReading()) {
                    Async.yieldNow();
                }
                assertThat(connection.reader().readExactly(BIG)).isEqualTo(data);
                assertThat(connection.reader().readAll()).isEmpty();
            }
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void aReadThatWaitsDoesNotStopThePeerInBetween() {
        TestRun.onSockets(_ -> {
            var server =
                    Streams.startServer((_, writer) -> writer.write(new byte[BIG]), "127.0.0.1", 0);
            var options = StreamOptions.DEFAULTS.withLimit(1024);
            var address = server.addresses().getFirst();
            try (var connection = Streams.openConnection(address, options)) {
                var reading = Async.currentTask();
                var loop = EventLoop.current();
                var pauses = new int[1];
                var watch =
                        loop.createTask(
                                () -> {
                                    while (true) {
                                        pauses[0] +=
                                                connection.writer().transport().isReading() ? 0 : 1;
                                        Async.yieldNow();
                                    }
                                },
                                "watch");
                assertThat(connection.reader().readExactly(BIG - 1)).hasSize(BIG - 1);
                assertThat(pauses[0]).isZero();
                assertThat(reading.isDone()).isFalse();
                watch.cancel();
            }
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void aReadThatLeavesTooMuchStopsThePeerAgain() {
        TestRun.onSockets(_ -> {
            var server =
                    Streams.startServer((_, writer) -> writer.write(new byte[BIG]), "127.0.0.1", 0);
            var options = StreamOptions.DEFAULTS.withLimit(16);
            var address = server.addresses().getFirst();
            try (var connection = Streams.openConnection(address, options)) {
                connection.reader().readExactly(1);
                assertThat(connection.writer().transport().isReading()).isFalse();
                connection.writer().transport().abort();
            }
            server.closeClients();
            server.abortClients();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void wrongHostsAreRefused() {
        TestRun.onSockets(_ -> {
            assertThatThrownBy(() -> Streams.startServer(StreamsTest::echo, null, 0))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("host is null");
            assertThatThrownBy(() -> Streams.openConnection("", 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("host to connect to is empty");
        });
    }

    @Test
    void inDebugModeAForeignThreadIsRefused() {
        TestRun.run(
                SelectorEventLoop.builder().debug(true).build(),
                _ -> {
                    var server = Streams.startServer(StreamsTest::echo, "127.0.0.1", 0);
                    try (var connection = connectTo(server)) {
                        var reader = connection.reader();
                        var writer = connection.writer();
                        List<Callable<?>> calls =
                                List.of(
                                        () -> reader.read(0),
                                        () -> reader.readExactly(0),
                                        reader::readAll,
                                        reader::readLine,
                                        reader::atEof,
                                        () -> throwing(() -> reader.feedData(new byte[1])),
                                        () -> throwing(reader::feedEof),
                                        () -> throwing(() -> reader.setException(new Error())),
                                        () -> throwing(() -> writer.write(new byte[1])),
                                        () -> throwing(() -> writer.writeLines(List.of())),
                                        () -> throwing(writer::drain),
                                        () -> throwing(writer::writeEof),
                                        () -> throwing(writer::close),
                                        () -> throwing(writer::waitClosed),
                                        writer::isClosing,
                                        () -> throwing(connection::close));
                        for (var call : calls) {
                            assertThat(failureOnAnotherThread(call))
                                    .isInstanceOf(WrongThreadException.class);
                        }
                        writer.write(bytes("still fine\n"));
                        assertThat(reader.readLine()).isEqualTo(bytes("still fine\n"));
                    }
                    server.close();
                    server.waitClosed();
                });
    }

    private static Object throwing(AsyncRunnable call) throws Exception {
        call.run();
        return "done";
    }

    private static Throwable failureOnAnotherThread(Callable<?> call) throws InterruptedException {
        var failure = new AtomicReference<Throwable>();
        var thread =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                call.call();
                            } catch (Throwable thrown) {
                                failure.set(thrown);
                            }
                        });
        thread.join();
        return failure.get();
    }

    @Test
    void writeWaitsAboveTheHighWaterMarkSoThatNobodyFillsTheMemory() {
        var peers = new ArrayList<Transport>();
        withServer(
                (reader, writer) -> {
                    writer.transport().pauseReading();
                    peers.add(writer.transport());
                    reader.readAll();
                },
                (run, connection) -> {
                    var written = new int[1];
                    var writing =
                            run.loop.createTask(
                                    () -> {
                                        while (true) {
                                            connection.writer().write(new byte[50_000]);
                                            written[0]++;
                                        }
                                    },
                                    "writing");
                    var transport = connection.writer().transport();
                    var before = -1;
                    while (before != written[0] || peers.isEmpty()) {
                        before = written[0];
                        for (var turn = 0; turn < 20; turn++) {
                            Async.yieldNow();
                        }
                    }
                    assertThat(transport.writeBufferSize())
                            .isBetween(64L * 1024, 64L * 1024 + 50_000);
                    assertThat(writing.isDone()).isFalse();
                    writing.cancel();
                    transport.abort();
                    peers.getFirst().abort(); // while it does not read, it cannot notice
                });
    }

    @Test
    void allDrainsGoOnWhenThePeerReadsAgain() {
        var go = new ArrayList<Runnable>();
        withServer(
                (reader, writer) -> {
                    writer.transport().pauseReading();
                    go.add(writer.transport()::resumeReading);
                    reader.readAll();
                },
                (run, connection) -> {
                    while (go.isEmpty()) {
                        Async.yieldNow();
                    }
                    var transport = connection.writer().transport();
                    transport.write(new byte[BIG * 4]);
                    var drains = new ArrayList<Task<?>>();
                    for (var index = 0; index < 10; index++) {
                        drains.add(
                                run.loop.createTask(
                                        () -> connection.writer().drain(), "drain " + index));
                    }
                    Async.yieldNow();
                    assertThat(drains).noneMatch(Task::isDone);
                    go.getFirst().run();
                    drains.forEach(Task::await);
                });
    }

    @Test
    void writingToAPeerThatHasGoneEndsWithAnError() {
        TestRun.onSockets(_ -> {
            var server =
                    Streams.startServer((_, writer) -> writer.transport().abort(), "127.0.0.1", 0);
            var connection = connectTo(server);
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    connection.writer().write(new byte[1000]);
                                    connection.writer().drain();
                                    Async.yieldNow();
                                }
                            })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the connection to 127.0.0.1:")
                    .hasMessageContaining("is lost");
            assertThatThrownBy(connection.writer()::waitClosed).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> connection.writer().write(new byte[1]))
                    .isInstanceOf(IOException.class);
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void aTryBlockThatFailsByTheConnectionKeepsTheFirstFailure() {
        TestRun.onSockets(_ -> {
            var server =
                    Streams.startServer(
                            (reader, writer) -> {
                                reader.readExactly(1);
                                writer.transport().write(new byte[BIG * 4]);
                                writer.transport().abort();
                            },
                            "127.0.0.1",
                            0);
            assertThatThrownBy(
                            () -> {
                                try (var connection = connectTo(server)) {
                                    connection.writer().write(new byte[1]);
                                    connection.reader().readAll();
                                }
                            })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void closingTwiceIsHarmlessAndDrainingAfterCloseTellsOfTheLoss() {
        withServer(
                StreamsTest::echo,
                (_, connection) -> {
                    connection.writer().close();
                    connection.writer().close();
                    assertThat(connection.writer().isClosing()).isTrue();
                    connection.writer().waitClosed();
                    assertThatThrownBy(connection.writer()::drain)
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("is lost");
                });
    }

    @Test
    void closingTheServerLeavesItsHandlersAlone() {
        TestRun.onSockets(_ -> {
            var server = Streams.startServer(StreamsTest::echo, "127.0.0.1", 0);
            try (var connection = connectTo(server)) {
                connection.writer().write(bytes("a\n"));
                connection.reader().readLine();
                server.close();
                connection.writer().write(bytes("b\n"));
                assertThat(connection.reader().readLine()).isEqualTo(bytes("b\n"));
            }
            server.waitClosed();
        });
    }

    @Test
    void aPortInUseIsNamed() {
        TestRun.onSockets(_ -> {
            var server = Streams.startServer(StreamsTest::echo, "127.0.0.1", 0);
            var port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
            assertThatThrownBy(() -> Streams.startServer(StreamsTest::echo, "127.0.0.1", port))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + port);
            server.close();
        });
    }
}
