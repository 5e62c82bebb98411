package dev.jloop.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;
import dev.jloop.streams.Framing;
import dev.jloop.streams.IncompleteReadException;
import dev.jloop.streams.LimitOverrunException;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamHandler;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/// What readers and writers do over any network: JUnit tests that a network of your own inherits,
/// besides those of [TransportContract].
///
/// ```java
/// class MyStreamTest extends StreamContract {
///     @Override
///     protected EventLoop newLoop() {
///         var loop = VirtualTimeLoop.create();
///         loop.provideService(Network.class, new MyNetwork(loop));
///         return loop;
///     }
/// }
/// ```
///
/// What is checked is what [StreamReader] and [StreamWriter] promise: reads of all kinds with their
/// limits, errors that stay, reads that are cancelled, writes that wait, ends and half-ends,
/// handlers that fail. See [ConnectionContract] for what fails a test beside that.
///
/// @since 0.1
public abstract non-sealed class StreamContract extends ConnectionContract {
    private static final int SMALL_LIMIT = 16;
    private static final int DEFAULT_LIMIT = 64 * 1024;
    private static final int CHUNK = 10_000;

    /// For subclasses.
    protected StreamContract() {}

    /// Starts a server, in a coroutine of the loop: at [#address()], unless overridden. Override it
    /// to serve in another way, for instance on a simulated host.
    ///
    /// @param handler what to run for each connection
    /// @param options have [#listenOptions()] and the limit of the test
    /// @return the server, which serves already
    /// @throws Exception fails the test
    protected Server startServer(StreamHandler handler, StreamOptions options) throws Exception {
        return Streams.startServer(handler, address(), options);
    }

    /// Connects to a server of [#startServer(StreamHandler, StreamOptions)], in a coroutine of the
    /// loop.
    ///
    /// @param address the first address of the server
    /// @param options have [#connectOptions()] and the limit of the test
    /// @return the connection
    /// @throws Exception fails the test
    protected StreamConnection openConnection(SocketAddress address, StreamOptions options)
            throws Exception {
        return Streams.openConnection(address, options);
    }

    // ---- tools

    private record End(StreamReader reader, StreamWriter writer) {
        void send(String text) throws IOException {
            writer.write(bytes(text));
        }

        /// {@return whether the connection has ended in the regular way}
        boolean endsWell() {
            try {
                writer.waitClosed();
                return true;
            } catch (IOException broken) {
                return false;
            }
        }
    }

    @FunctionalInterface
    private interface StreamBody {
        void run(End client, End server) throws Exception;
    }

    private void withStreams(StreamBody body) {
        withStreams(DEFAULT_LIMIT, body);
    }

    private void withStreams(int limit, StreamBody body) {
        onLoop(_ -> {
            LoopFuture<End> accepted =
                    EventLoop.current().createFuture("a connection of the server");
            LoopFuture<@Nullable Void> handled =
                    EventLoop.current().createFuture("the end of the handler");
            StreamHandler handler =
                    (reader, writer) -> {
                        var end = new End(reader, writer);
                        accepted.setResult(end);
                        var _ = end.endsWell();
                        handled.setResult(null);
                    };
            End client;
            try (var server = startServer(handler, options(limit))) {
                var connection = openConnection(server.addresses().getFirst(), options(limit));
                client = new End(connection.reader(), connection.writer());
                accepted.await();
            }
            var server = accepted.result();
            Throwable failed = null;
            try {
                body.run(client, server);
            } catch (Throwable failure) {
                failed = failure;
                throw failure;
            } finally {
                ContractRun.abort(failed, client.writer().transport(), server.writer().transport());
            }
            var _ = client.endsWell();
            handled.await();
        });
    }

    private StreamOptions options(int limit) {
        return StreamOptions.DEFAULTS
                .withLimit(limit)
                .withConnect(connectOptions())
                .withListen(listenOptions());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, US_ASCII);
    }

    /// {@return a task that has run until it had to wait, or was done}
    private static <T> Task<T> started(Callable<T> body) {
        LoopFuture<@Nullable Void> hasStarted = EventLoop.current().createFuture("the first step");
        var task =
                Async.createTask(() -> {
                    hasStarted.setResult(null);
                    return body.call();
                });
        hasStarted.await();
        return task;
    }

    /// Writes to a peer that does not read until a write waits.
    ///
    /// @return the write that waits, and what was written with it
    private Stuck fill(End writer, End stuckReader) {
        stuckReader.writer().transport().pauseReading();
        return fillByWriting(writer);
    }

    private Stuck fillByWriting(End writer) {
        var count = new int[1];
        var task =
                Async.createTask(
                        () -> {
                            while (true) {
                                count[0] += CHUNK;
                                writer.writer().write(new byte[CHUNK]);
                            }
                        },
                        "writes for ever");
        for (var before = -1; before != count[0]; ) {
            before = count[0];
            assertThat(before)
                    .as("bytes written for a peer that does not read, without waiting")
                    .isLessThan(tooMuch());
            for (var turn = 0; turn < 10; turn++) {
                Async.yieldNow();
            }
        }
        assertThat(task.isDone()).isFalse();
        return new Stuck(task, count[0]);
    }

    private record Stuck(Task<?> task, int bytes) {
        void cancel() {
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
        }
    }

    /// Queues something for a peer that does not read, and drops it, so that the connection breaks
    /// at both ends.
    private void cut(End one, End other) {
        fill(one, other).cancel();
        one.writer().transport().abort();
        other.writer().transport().resumeReading();
    }

    // ---- reading

    @Test
    void readGivesWhatIsThereAndNothingAtTheEnd() {
        withStreams((client, server) -> {
            assertThat(server.reader().read(0)).isEmpty();
            client.send("hello");
            var received = new ByteArrayOutputStream();
            while (received.size() < 5) {
                var part = server.reader().read(3);
                assertThat(part).hasSizeBetween(1, 3);
                received.writeBytes(part);
            }
            assertThat(received.toString(US_ASCII)).isEqualTo("hello");
            assertThat(server.reader().atEof()).isFalse();
            client.writer().close();
            assertThat(server.reader().read(3)).isEmpty();
            assertThat(server.reader().read(3)).isEmpty();
            assertThat(server.reader().atEof()).isTrue();
        });
    }

    @Test
    void readAllGivesEverythingUpToTheEnd() {
        var content = largeContent();
        withStreams((client, server) -> {
            var sending =
                    Async.createTask(() -> {
                        client.writer().write(content);
                        client.writer().close();
                    });
            assertThat(server.reader().read(-1)).isEqualTo(content);
            assertThat(server.reader().readAll()).isEmpty();
            sending.await();
        });
    }

    @Test
    void readExactlyGivesThatManyBytesHoweverSmallTheLimit() {
        var content = largeContent();
        withStreams(
                SMALL_LIMIT,
                (client, server) -> {
                    var sending = Async.createTask(() -> client.writer().write(content));
                    assertThat(server.reader().readExactly(0)).isEmpty();
                    assertThat(server.reader().readExactly(content.length - 1))
                            .isEqualTo(Arrays.copyOf(content, content.length - 1));
                    assertThat(server.reader().readExactly(1))
                            .containsExactly(content[content.length - 1]);
                    sending.await();
                    assertThatThrownBy(() -> server.reader().readExactly(-1))
                            .isInstanceOf(IllegalArgumentException.class);
                });
    }

    @Test
    void anIncompleteReadTellsWhatCameAndTakesIt() {
        withStreams((client, server) -> {
            client.send("half");
            client.writer().close();
            var failure =
                    catchThrowableOfType(
                            IncompleteReadException.class, () -> server.reader().readExactly(8));
            assertThat(text(failure.partial())).isEqualTo("half");
            assertThat(failure.expected()).isEqualTo(8);
            assertThat(server.reader().atEof()).isTrue();
            assertThat(server.reader().readAll()).isEmpty();
        });
    }

    @Test
    void readUntilGivesARecordWithItsSeparatorHoweverItIsCut() {
        withStreams((client, server) -> {
            var records =
                    Async.createTask(() ->
                            List.of(
                                    text(server.reader().readUntil(bytes("aab"))),
                                    text(server.reader().readUntil(bytes("\r\n"))),
                                    text(
                                            server.reader()
                                                    .readUntil(bytes("long end"), bytes("end")))));
            for (var piece : List.of("xa", "aa", "b", "GET /\r", "\nlong e", "nd", "rest")) {
                client.send(piece);
                Async.yieldNow();
            }
            assertThat(records.await()).containsExactly("xaaab", "GET /\r\n", "long end");
            client.writer().close();
            var failure =
                    catchThrowableOfType(
                            IncompleteReadException.class,
                            () -> server.reader().readUntil(bytes("!")));
            assertThat(text(failure.partial())).isEqualTo("rest");
            assertThatThrownBy(() -> server.reader().readUntil())
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void aRecordAboveTheLimitIsRefusedAndStays() {
        withStreams(
                SMALL_LIMIT,
                (client, server) -> {
                    var tooLong = "x".repeat(SMALL_LIMIT + 1);
                    client.send(tooLong);
                    assertThatThrownBy(() -> server.reader().readUntil(bytes("\n")))
                            .isInstanceOf(LimitOverrunException.class);
                    client.send("\nshort\n");
                    assertThatThrownBy(() -> server.reader().readUntil(bytes("\n")))
                            .isInstanceOf(LimitOverrunException.class);
                    assertThat(text(server.reader().readExactly(SMALL_LIMIT + 1)))
                            .isEqualTo(tooLong);
                    assertThat(text(server.reader().readUntil(bytes("\n")))).isEqualTo("\n");
                    assertThat(text(server.reader().readUntil(bytes("\n")))).isEqualTo("short\n");
                });
    }

    @Test
    void linesKeepTheirEndsAndTheLastOneMayLackIt() {
        withStreams((client, server) -> {
            client.send("one\ntwo\n\nlast");
            client.writer().close();
            assertThat(text(server.reader().readLine())).isEqualTo("one\n");
            var rest = new ArrayList<String>();
            server.reader().lines().forEach(line -> rest.add(text(line)));
            assertThat(rest).containsExactly("two\n", "\n", "last");
            assertThat(server.reader().readLine()).isEmpty();
        });
    }

    @Test
    void aLineAboveTheLimitFailsAndReadingGoesOnBehindWhatItHasDropped() {
        withStreams(
                SMALL_LIMIT,
                (client, server) -> {
                    client.send("x".repeat(SMALL_LIMIT + 1));
                    assertThatThrownBy(() -> server.reader().readLine())
                            .isInstanceOf(LimitOverrunException.class);
                    client.send("\n");
                    assertThat(text(server.reader().readLine())).endsWith("\n");
                    client.send("next\n");
                    assertThat(text(server.reader().readLine())).isEqualTo("next\n");
                });
    }

    @Test
    void aSecondReaderIsRefusedAndTheFirstGoesOn() {
        withStreams((client, server) -> {
            var first = started(() -> server.reader().readExactly(2));
            assertThatThrownBy(() -> server.reader().read(1))
                    .isInstanceOf(IllegalStateException.class);
            client.send("ok");
            assertThat(text(first.await())).isEqualTo("ok");
        });
    }

    @Test
    void aReadThatIsCancelledLosesNothing() {
        withStreams((client, server) -> {
            var first = started(() -> server.reader().readExactly(10));
            client.send("hello");
            client.send(" ");
            // The answer shows that the reader's side has run in between.
            server.send("x");
            assertThat(text(client.reader().readExactly(1))).isEqualTo("x");
            first.cancel();
            assertThatThrownBy(first::await).isInstanceOf(CancelledError.class);
            client.send("world");
            assertThat(text(server.reader().readExactly(11))).isEqualTo("hello world");
        });
    }

    @Test
    void textIsReadByLineAndAsAWhole() {
        withStreams((client, server) -> {
            client.writer().write("größer\r\n\nlast line\n€ rest");
            assertThat(server.reader().readLine(UTF_8)).isEqualTo("größer");
            assertThat(server.reader().readLine(UTF_8)).isEmpty();
            assertThat(server.reader().lines(UTF_8).iterator().next()).isEqualTo("last line");
            client.writer().close();
            assertThat(server.reader().readAll(UTF_8)).isEqualTo("€ rest");
            assertThat(server.reader().readLine(UTF_8)).isNull();
        });
    }

    @Test
    void buffersAreReadAndWrittenAndEachIsReleased() {
        var content = largeContent();
        withStreams((client, server) -> {
            var sent = new ArrayList<ByteBuf>();
            var sending =
                    Async.createTask(() -> {
                        for (var start = 0; start < content.length; start += CHUNK) {
                            var length = Math.min(CHUNK, content.length - start);
                            sent.add(Unpooled.copiedBuffer(content, start, length));
                            client.writer().writeBuffer(sent.getLast());
                        }
                        client.writer().close();
                    });
            var received = new ByteArrayOutputStream();
            while (true) {
                var buffer = server.reader().readBuffer(CHUNK);
                var length = buffer.readableBytes();
                assertThat(length).isLessThanOrEqualTo(CHUNK);
                var bytes = new byte[length];
                buffer.readBytes(bytes).release();
                received.writeBytes(bytes);
                if (length == 0) {
                    break;
                }
            }
            sending.await();
            assertThat(received.toByteArray()).isEqualTo(content);
            client.writer().waitClosed();
            assertThat(sent).allMatch(buffer -> buffer.refCnt() == 0);
            var late = Unpooled.copiedBuffer("late", US_ASCII);
            assertThatThrownBy(() -> client.writer().writeBuffer(late))
                    .isInstanceOf(IOException.class);
            assertThat(late.refCnt()).isZero();
        });
    }

    @Test
    void aReadOfABufferThatIsCancelledLosesNothing() {
        var content = largeContent();
        withStreams((client, server) -> {
            var sending = Async.createTask(() -> sendInChunks(client, content));
            var received = new ByteArrayOutputStream();
            for (var turns = 0; received.size() < content.length; turns++) {
                var reading = started(() -> bytesOf(server.reader().readBuffer(CHUNK)));
                for (var turn = 0; turn < turns % 4; turn++) {
                    Async.yieldNow();
                }
                reading.cancel();
                try {
                    received.writeBytes(reading.await());
                } catch (CancelledError cancelled) {
                    received.writeBytes(server.reader().read(1));
                }
            }
            assertThat(received.toByteArray()).isEqualTo(content);
            sending.await();
        });
    }

    private static byte[] bytesOf(ByteBuf buffer) {
        var bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes).release();
        return bytes;
    }

    @Test
    void whatIsTransferredBackIsWhatWasSent() {
        var content = largeContent();
        withStreams((client, server) -> {
            var echo = Async.createTask(() -> server.reader().transferTo(server.writer()));
            var sending = Async.createTask(() -> sendInChunks(client, content));
            assertThat(client.reader().readExactly(content.length)).isEqualTo(content);
            sending.await();
            client.writer().close();
            assertThat(echo.await()).isEqualTo(content.length);
            server.writer().close();
        });
    }

    @Test
    void aTransferHoldsTheSourceBackWhileTheTargetTakesNoMore() {
        withStreams((client, server) -> {
            client.writer().transport().pauseReading();
            var echo = started(() -> server.reader().transferTo(server.writer()));
            var stuck = fillByWriting(client);
            // Both directions are full now, and nobody has needed more memory for it.
            assertThat(server.writer().transport().writeBufferSize()).isLessThan(tooMuch());
            client.writer().transport().resumeReading();
            assertThat(client.reader().readExactly(stuck.bytes())).hasSize(stuck.bytes());
            stuck.cancel();
            server.writer().transport().abort();
            assertThatThrownBy(echo::await).hasStackTraceContaining("aborted by this side");
        });
    }

    @Test
    void framesComeAsTheyWereWritten() {
        var content = largeContent();
        withStreams((client, server) -> {
            for (var framing :
                    List.of(
                            Framing.lengthPrefixed(4, content.length),
                            Framing.delimited(bytes("\r\n"), CHUNK))) {
                var longest = Arrays.copyOf(content, framing.maxLength());
                if (framing.maxLength() == CHUNK) {
                    Arrays.fill(longest, (byte) 'x');
                }
                var sending =
                        Async.createTask(() -> {
                            framing.write(client.writer(), bytes("first"));
                            framing.write(client.writer(), new byte[0]);
                            framing.write(client.writer(), longest);
                        });
                assertThat(framing.read(server.reader())).isEqualTo(bytes("first"));
                assertThat(framing.read(server.reader())).isEmpty();
                assertThat(framing.read(server.reader())).isEqualTo(longest);
                sending.await();
            }
            client.writer().close();
            assertThat(Framing.lengthPrefixed(4, 1).read(server.reader())).isNull();
        });
    }

    // ---- writing

    @Test
    void aWriteWaitsAboveTheMarkAndGoesOnWhenThePeerReads() {
        withStreams((client, server) -> {
            var stuck = fill(client, server);
            assertThat(client.writer().transport().writeBufferSize()).isPositive();
            server.writer().transport().resumeReading();
            assertThat(server.reader().readExactly(stuck.bytes() + CHUNK))
                    .isEqualTo(new byte[stuck.bytes() + CHUNK]);
            assertThat(stuck.task().isDone()).isFalse();
            client.writer().transport().abort();
            assertThatThrownBy(() -> stuck.task().await()).hasStackTraceContaining("lost");
        });
    }

    @Test
    void aWriteThatIsCancelledLeavesItsBytesQueued() {
        withStreams((client, server) -> {
            var stuck = fill(client, server);
            stuck.cancel();
            server.writer().transport().resumeReading();
            assertThat(server.reader().readExactly(stuck.bytes())).hasSize(stuck.bytes());
            client.send("end");
            assertThat(text(server.reader().readExactly(3))).isEqualTo("end");
        });
    }

    @Test
    void severalWritersKeepTheirPiecesWholeAndInOrder() {
        var pieces = Math.max(2, largeTransfer() / (3 * CHUNK));
        withStreams((client, server) -> {
            var writers = new ArrayList<Task<?>>();
            for (byte writer = 0; writer < 3; writer++) {
                var mark = writer;
                writers.add(
                        Async.createTask(
                                () -> {
                                    for (var piece = 0; piece < pieces; piece++) {
                                        var content = new byte[CHUNK];
                                        Arrays.fill(content, mark);
                                        content[0] = (byte) piece;
                                        client.writer().write(content);
                                    }
                                },
                                "writer " + writer));
            }
            var next = new int[3];
            for (var count = 0; count < 3 * pieces; count++) {
                var piece = server.reader().readExactly(CHUNK);
                var writer = piece[1];
                assertThat(piece[0]).isEqualTo((byte) next[writer]++);
                Arrays.fill(piece, 0, 1, writer);
                var whole = new byte[CHUNK];
                Arrays.fill(whole, writer);
                assertThat(piece).isEqualTo(whole);
            }
            assertThat(next).containsOnly(pieces);
            for (var writer : writers) {
                writer.await();
            }
        });
    }

    @Test
    void drainsWaitTogetherUntilWritingGoesOn() {
        withStreams((client, server) -> {
            fill(client, server).cancel();
            var drains = new ArrayList<Task<?>>();
            for (var drain = 0; drain < 10; drain++) {
                drains.add(
                        started(() -> {
                            client.writer().drain();
                            return true;
                        }));
            }
            assertThat(drains).noneMatch(Task::isDone);
            server.writer().transport().resumeReading();
            var reading = Async.createTask(() -> server.reader().readAll());
            for (var drain : drains) {
                drain.await();
            }
            client.writer().writeLines(List.of(bytes("a"), bytes("b")));
            client.writer().close();
            assertThat(text(reading.await())).endsWith("ab");
        });
    }

    @Test
    void largeTransfersInBothDirectionsArriveIntact() {
        var there = largeContent();
        var back = there.clone();
        back[0]++;
        withStreams((client, server) -> {
            var sends =
                    List.of(
                            Async.createTask(() -> sendInChunks(client, there), "there"),
                            Async.createTask(() -> sendInChunks(server, back), "back"));
            var receiving =
                    Async.createTask(() -> client.reader().readExactly(back.length), "receiving");
            assertThat(server.reader().readExactly(there.length)).isEqualTo(there);
            assertThat(receiving.await()).isEqualTo(back);
            for (var send : sends) {
                send.await();
            }
        });
    }

    private static void sendInChunks(End end, byte[] content) throws IOException {
        for (var start = 0; start < content.length; start += CHUNK) {
            var stop = Math.min(content.length, start + CHUNK);
            end.writer().write(Arrays.copyOfRange(content, start, stop));
        }
        end.writer().drain();
    }

    // ---- ends

    @Test
    void theOutputMayEndBeforeTheInput() {
        assumeTrue(halfCloses());
        withStreams((client, server) -> {
            client.send("question");
            client.writer().writeEof();
            assertThat(text(server.reader().readAll())).isEqualTo("question");
            assertThat(server.writer().isClosing()).isFalse();
            assertThatThrownBy(() -> client.send("more")).isInstanceOf(IllegalStateException.class);
            server.send("answer");
            server.writer().close();
            assertThat(text(client.reader().readAll())).isEqualTo("answer");
        });
    }

    @Test
    void whereTheOutputCannotEndAloneWriteEofIsRefused() {
        assumeTrue(!halfCloses());
        withStreams((client, server) -> {
            assertThatThrownBy(() -> client.writer().writeEof())
                    .isInstanceOf(UnsupportedOperationException.class);
            client.send("still there");
            assertThat(text(server.reader().readExactly(11))).isEqualTo("still there");
        });
    }

    @Test
    void closeSendsEverythingFirstAndWaitClosedReturnsAtBothEnds() {
        var content = largeContent();
        withStreams((client, server) -> {
            var receiving = Async.createTask(() -> server.reader().readAll());
            client.writer().write(content);
            client.writer().close();
            client.writer().close();
            assertThat(client.writer().isClosing()).isTrue();
            assertThat(receiving.await()).isEqualTo(content);
            server.writer().close();
            client.writer().waitClosed();
            server.writer().waitClosed();
            assertThat(client.reader().readAll()).isEmpty();
        });
    }

    @Test
    void whatIsWrittenAfterCloseIsDroppedAndSoonFails() {
        withStreams((client, server) -> {
            client.send("last");
            client.writer().close();
            client.send("never");
            assertThat(text(server.reader().readAll())).isEqualTo("last");
            server.writer().close();
            client.writer().waitClosed();
            assertThatThrownBy(() -> client.send("never")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> client.writer().drain()).isInstanceOf(IOException.class);
        });
    }

    @Test
    void aBrokenConnectionFailsEveryCallFromThenOn() {
        assumeTrue(resets());
        withStreams((client, server) -> {
            server.send("never read");
            cut(client, server);
            assertThat(server.endsWell()).isFalse();
            for (var round = 0; round < 2; round++) {
                assertThatThrownBy(() -> server.reader().read(1)).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> server.reader().readAll()).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> server.reader().readExactly(1))
                        .isInstanceOf(IOException.class)
                        .isNotInstanceOf(IncompleteReadException.class);
                assertThatThrownBy(() -> server.send("x")).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> server.writer().drain()).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> server.writer().waitClosed())
                        .isInstanceOf(IOException.class);
            }
        });
    }

    @Test
    void aReadThatWaitsFailsWhenThisSideCutsTheConnection() {
        withStreams((client, server) -> {
            var reading = started(() -> client.reader().readExactly(5));
            client.writer().transport().abort();
            var failure = catchThrowableOfType(Exception.class, () -> reading.await());
            assertThat(failure).hasStackTraceContaining("aborted by this side");
            assertThatThrownBy(() -> client.reader().read(1)).isInstanceOf(IOException.class);
            server.writer().close();
        });
    }

    @Test
    void aLoopOfWritesEndsWhenThePeerHasGone() {
        withStreams((client, server) -> {
            server.writer().transport().abort();
            var writing =
                    Async.createTask(
                            () -> {
                                while (true) {
                                    client.writer().write(new byte[CHUNK]);
                                    client.writer().drain();
                                    Async.yieldNow();
                                }
                            },
                            "loop of writes");
            assertThatThrownBy(writing::await).hasStackTraceContaining("is lost");
        });
    }

    // ---- handlers of servers

    @Test
    void aHandlerThatFailsIsReportedOnceAndItsConnectionClosed() {
        onLoop(run -> {
            var failure = new IllegalStateException("boom");
            StreamHandler handler =
                    (_, _) -> {
                        throw failure;
                    };
            try (var server = startServer(handler, options(DEFAULT_LIMIT));
                    var stream =
                            openConnection(server.addresses().getFirst(), options(DEFAULT_LIMIT))) {
                assertThat(stream.reader().readAll()).isEmpty();
            }
            var reports = run.takeReports();
            assertThat(reports).hasSize(1);
            assertThat(reports.getFirst().exception()).isSameAs(failure);
        });
    }

    @Test
    void aHandlerThatReturnsHasItsConnectionClosedAfterWhatItWrote() {
        var content = largeContent();
        onLoop(_ -> {
            StreamHandler handler = (_, writer) -> writer.write(content);
            try (var server = startServer(handler, options(DEFAULT_LIMIT));
                    var stream =
                            openConnection(server.addresses().getFirst(), options(DEFAULT_LIMIT))) {
                assertThat(stream.reader().readAll()).isEqualTo(content);
            }
        });
    }
}
