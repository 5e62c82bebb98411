package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.Task;
import dev.jloop.core.TimedOutException;
import dev.jloop.transports.Server;
import dev.jloop.transports.Transport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// How streams end that do not end in the regular way: resets, cuts and cancellations.
@ExtendWith(LeakCheck.class)
class StreamEndTest {
    private static final int BIG = 16 * 1024 * 1024;

    private static void await(List<?> list) {
        while (list.isEmpty()) {
            Async.yieldNow();
        }
    }

    private static StreamConnection connectTo(Server server) throws IOException {
        return Streams.openConnection(server.addresses().getFirst());
    }

    private static void end(Server server, List<Transport> stuck) {
        stuck.forEach(Transport::abort); // while it does not read, it cannot notice the end
        server.close();
        server.waitClosed();
    }

    /// A server that does not read.
    private static Server startStuckServer(List<Transport> transports) throws IOException {
        return Streams.startServer(
                (_, writer) -> {
                    writer.transport().pauseReading();
                    transports.add(writer.transport());
                    writer.waitClosed();
                },
                "127.0.0.1",
                0);
    }

    @Test
    void aLoopOfWritesWithoutDrainEndsWhenThePeerResets() {
        TestRun.onSockets(_ -> {
            var server =
                    Streams.startServer(
                            (reader, writer) -> {
                                reader.readExactly(1);
                                writer.transport().write(new byte[BIG]);
                                writer.transport().abort();
                            },
                            "127.0.0.1",
                            0);
            var connection = connectTo(server);
            connection.writer().transport().pauseReading(); // only writing can tell of the reset
            connection.writer().write(new byte[1]);
            server.close();
            server.waitClosed();
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    connection.writer().write(new byte[1000]);
                                }
                            })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is lost");
        });
    }

    @Test
    void aLoopOfWritesWithoutDrainEndsWhenThisSideCloses() {
        TestRun.onSockets(_ -> {
            var server = Streams.startServer((reader, _) -> reader.readAll(), "127.0.0.1", 0);
            var connection = connectTo(server);
            connection.writer().close();
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    connection.writer().write(new byte[1000]);
                                }
                            })
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("it was closed by this side");
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void writesToAFastPeerLetOthersRunAfterEach256KiB() {
        TestRun.onSockets(run -> {
            var server = Streams.startServer((reader, _) -> reader.readAll(), "127.0.0.1", 0);
            try (var connection = connectTo(server)) {
                // above what is written below, so that no write has to wait for the peer
                connection.writer().transport().setWriteBufferLimits(BIG);
                var turns = new int[1];
                var counting =
                        run.loop.createTask(
                                () -> {
                                    while (true) {
                                        turns[0]++;
                                        Async.yieldNow();
                                    }
                                },
                                "counting");
                for (var count = 0; count < 4 * 256; count++) {
                    connection.writer().write(new byte[1024]);
                    connection.writer().drain();
                }
                assertThat(turns[0]).isBetween(3, 5);
                counting.cancel();
            }
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void aTimeoutAroundAnOpenConnectionEndsAlthoughThePeerDoesNotRead() {
        TestRun.onSockets(_ -> {
            var stuck = new ArrayList<Transport>();
            var server = startStuckServer(stuck);
            assertThatThrownBy(() ->
                            Async.withTimeout(
                                    Duration.ofMillis(50),
                                    () -> {
                                        try (var connection = connectTo(server)) {
                                            connection.writer().write(new byte[BIG]);
                                            return connection.reader().readAll();
                                        }
                                    }))
                    .isInstanceOf(TimedOutException.class);
            await(stuck);
            end(server, stuck);
        });
    }

    @Test
    void aCancelledHandlerWhosePeerDoesNotReadHasItsConnectionCut() {
        TestRun.onSockets(_ -> {
            var handlers = new ArrayList<Task<?>>();
            var server =
                    Streams.startServer(
                            (_, writer) -> {
                                handlers.add(Async.currentTask());
                                writer.write(new byte[BIG]);
                            },
                            "127.0.0.1",
                            0);
            var connection = connectTo(server);
            connection.writer().transport().pauseReading();
            await(handlers);
            handlers.getFirst().cancel();
            server.close();
            server.waitClosed();
            connection.writer().transport().resumeReading();
            assertThatThrownBy(connection.reader()::readAll).hasMessageContaining("reset");
        });
    }

    @Test
    void aHandlerThatWrapsItsCancellationCountsAsCancelled() {
        TestRun.onSockets(_ -> {
            var handlers = new ArrayList<Task<?>>();
            var server =
                    Streams.startServer(
                            (reader, _) -> {
                                handlers.add(Async.currentTask());
                                try {
                                    reader.readAll();
                                } catch (CancelledError cancelled) {
                                    throw new IllegalStateException("wrapped", cancelled);
                                }
                            },
                            "127.0.0.1",
                            0);
            try (var connection = connectTo(server)) {
                await(handlers);
                handlers.getFirst().cancel();
                assertThat(connection.reader().readAll()).isEmpty();
                assertThat(handlers.getFirst().isCancelled()).isTrue();
            }
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void whatThisSideHasCutIsNotReadAsARegularEnd() {
        TestRun.onSockets(_ -> {
            var failures = new ArrayList<Exception>();
            var received = new ArrayList<byte[]>();
            var server =
                    Streams.startServer(
                            (reader, _) -> {
                                received.add(reader.readExactly(1));
                                try {
                                    reader.readAll();
                                } catch (IOException failure) {
                                    failures.add(failure);
                                }
                            },
                            "127.0.0.1",
                            0);
            try (var connection = connectTo(server)) {
                connection.writer().write(new byte[5]);
                await(received);
                assertThat(server.shutdown(Duration.ZERO).cut()).hasSize(1);
                await(failures);
                assertThat(failures)
                        .singleElement()
                        .isInstanceOf(SocketException.class)
                        .asString()
                        .contains("127.0.0.1:")
                        .contains("was aborted by this side");
            }
        });
    }

    @Test
    void afterARegularCloseByThisSideReadsGiveTheEnd() {
        TestRun.onSockets(_ -> {
            var server = Streams.startServer((reader, _) -> reader.readAll(), "127.0.0.1", 0);
            var connection = connectTo(server);
            connection.writer().close();
            connection.writer().waitClosed();
            assertThat(connection.reader().readAll()).isEmpty();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void anAbortAfterThePeersEndLeavesWhatCameReadable() {
        TestRun.onSockets(_ -> {
            var server =
                    Streams.startServer((_, writer) -> writer.write(new byte[3]), "127.0.0.1", 0);
            var connection = connectTo(server);
            server.close();
            server.waitClosed();
            while (connection.writer().transport().isReading()) {
                Async.yieldNow();
            }
            connection.writer().transport().abort();
            connection.writer().waitClosed();
            assertThat(connection.reader().readAll()).hasSize(3);
        });
    }

    @Test
    void aResetIsANewExceptionForEachReadWithThePeerAndTheReason() {
        TestRun.onSockets(_ -> {
            var server =
                    Streams.startServer(
                            (reader, writer) -> {
                                reader.readExactly(1);
                                writer.transport().write(new byte[BIG]);
                                writer.transport().abort();
                            },
                            "127.0.0.1",
                            0);
            var connection = connectTo(server);
            connection.writer().write(new byte[1]);
            assertThatThrownBy(connection.reader()::readAll).isInstanceOf(IOException.class);
            var first = failureOfRead(connection.reader());
            var second = failureOfRead(connection.reader());
            assertThat(first)
                    .isNotSameAs(second)
                    .hasMessageContaining("the connection to 127.0.0.1:")
                    .hasCauseInstanceOf(IOException.class);
            assertThat(first.getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals("failureOfRead"));
            server.close();
            server.waitClosed();
        });
    }

    private static Exception failureOfRead(StreamReader reader) {
        try {
            throw new AssertionError("read " + reader.read(1).length);
        } catch (IOException failure) {
            return failure;
        }
    }
}
