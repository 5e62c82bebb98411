package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.Callable;

/// Whose a buffer is, at every moment: reading and writing without copies.
@ExtendWith(LeakCheck.class)
class StreamBuffersTest {
    private static final int LIMIT = 16 * 1024;
    private static final int PIECE = 8 * 1024;

    private static ByteBuf piece(int fill) {
        var bytes = new byte[PIECE];
        Arrays.fill(bytes, (byte) fill);
        return Unpooled.directBuffer(PIECE).writeBytes(bytes);
    }

    private static byte[] bytesOf(int... fills) {
        var all = new byte[fills.length * PIECE];
        for (var index = 0; index < fills.length; index++) {
            Arrays.fill(all, index * PIECE, (index + 1) * PIECE, (byte) fills[index]);
        }
        return all;
    }

    private static StreamProtocol protocol() {
        return new StreamProtocol(EventLoop.current(), LIMIT, _ -> {});
    }

    private static <T> Task<T> waiting(Callable<T> body) {
        var task = Async.createTask(body);
        Async.yieldNow();
        assertThat(task.isDone()).isFalse();
        return task;
    }

    // ---- reading

    @Test
    void aReadThatWaitsGetsWhatWasReceivedItself() {
        TestRun.onSockets(_ -> {
            var reader = new StreamReader(LIMIT);
            var reading = waiting(() -> reader.readBuffer(PIECE));
            var received = piece(1);
            reader.feedData(received);
            assertThat(received.refCnt()).isEqualTo(2);
            assertThat(reader.bufferedBytes()).isEqualTo(PIECE);
            reader.feedEof();
            assertThat(reader.atEof()).isFalse();
            var read = reading.await();
            received.setByte(7, 99);
            assertThat(read.getByte(7)).isEqualTo((byte) 99);
            assertThat(read.readableBytes()).isEqualTo(PIECE);
            read.release();
            assertThat(received.refCnt()).isEqualTo(1);
            received.release();
            assertThat(reader.atEof()).isTrue();
        });
    }

    @Test
    void whatIsBeyondTheMostWaitsForTheNextRead() {
        TestRun.onSockets(_ -> {
            var reader = new StreamReader(LIMIT);
            var reading = waiting(() -> reader.readBuffer(5000));
            var received = piece(1);
            reader.feedData(received);
            var read = reading.await();
            assertThat(read.readableBytes()).isEqualTo(5000);
            read.release();
            assertThat(received.refCnt()).isEqualTo(1);
            received.release();
            assertThat(reader.bufferedBytes()).isEqualTo(PIECE - 5000);
            var rest = reader.readBuffer(PIECE);
            assertThat(rest.readableBytes()).isEqualTo(PIECE - 5000);
            rest.release();
        });
    }

    @Test
    void aSmallPieceIsCopiedSoThatItHoldsNoLargeMemory() {
        TestRun.onSockets(_ -> {
            var reader = new StreamReader(LIMIT);
            var reading = waiting(() -> reader.readBuffer(PIECE));
            var received = Unpooled.copiedBuffer("small", US_ASCII);
            reader.feedData(received);
            assertThat(received.refCnt()).isEqualTo(1);
            received.release();
            var read = reading.await();
            assertThat(read.toString(US_ASCII)).isEqualTo("small");
            read.release();
        });
    }

    @Test
    void whatIsThereComesAtOnceAndTheEndIsAnEmptyBuffer() throws IOException {
        var reader = new StreamReader(LIMIT);
        reader.feedData("hello".getBytes(US_ASCII));
        var first = reader.readBuffer(2);
        assertThat(first.toString(US_ASCII)).isEqualTo("he");
        first.release();
        var rest = reader.readBuffer(100);
        assertThat(rest.toString(US_ASCII)).isEqualTo("llo");
        rest.release();
        assertThat(reader.readBuffer(0).isReadable()).isFalse();
        assertThatThrownBy(() -> reader.readBuffer(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        reader.feedEof();
        var end = reader.readBuffer(100);
        assertThat(end.isReadable()).isFalse();
        end.release();
        assertThat(reader.atEof()).isTrue();
    }

    @Test
    void cancelledInTheTurnInWhichBytesComeItLosesNoneOfThem() {
        TestRun.onSockets(_ -> {
            var reader = new StreamReader(LIMIT);
            var reading = waiting(() -> reader.readBuffer(5000));
            var first = piece(1);
            var second = piece(2);
            reader.feedData(first);
            reader.feedData(second);
            assertThat(first.refCnt()).isEqualTo(2);
            assertThat(second.refCnt()).isEqualTo(1);
            reading.cancel();
            assertThatThrownBy(reading::await).isInstanceOf(CancelledError.class);
            assertThat(first.refCnt()).isEqualTo(1);
            assertThat(reader.readExactly(2 * PIECE)).isEqualTo(bytesOf(1, 2));
            first.release();
            second.release();
        });
    }

    @Test
    void aFailureInTheTurnInWhichBytesComeLeaksNothing() {
        TestRun.onSockets(_ -> {
            var reader = new StreamReader(LIMIT);
            var reading = waiting(() -> reader.readBuffer(PIECE));
            var received = piece(1);
            reader.feedData(received);
            reader.setException(new IOException("boom"));
            assertThatThrownBy(reading::await).hasStackTraceContaining("boom");
            assertThat(received.refCnt()).isEqualTo(1);
            received.release();
        });
    }

    @Test
    void aLoopThatIsClosedInTheTurnInWhichBytesComeLeaksNothing() {
        var received = piece(1);
        var loop = SelectorEventLoop.builder().build();
        try (loop) {
            var reader = new StreamReader(LIMIT);
            var reading = loop.createTask(() -> reader.readBuffer(PIECE), "reading");
            loop.callSoon(() -> {
                reader.feedData(received);
                loop.stop();
            });
            loop.setExceptionHandler((_, _) -> {}); // it tells that the task had not ended
            loop.runForever();
            assertThat(reading.isDone()).isFalse();
            assertThat(received.refCnt()).isEqualTo(2);
        }
        assertThat(received.refCnt()).isEqualTo(1);
        received.release();
    }

    @Test
    void inDebugModeABufferThatIsNeverReleasedIsReportedAndOthersAreNot() {
        var kept = new ArrayList<ByteBuf>();
        var reports =
                TestRun.runAndTakeReports(
                        SelectorEventLoop.builder().debug(true).build(),
                        _ -> {
                            var server =
                                    Streams.startServer(
                                            (reader, writer) -> {
                                                writer.write(
                                                        "go"); // so that the read waits already
                                                kept.add(reader.readBuffer(PIECE));
                                                reader.transferTo(sink());
                                            },
                                            "127.0.0.1",
                                            0);
                            var address = server.addresses().getFirst();
                            try (var stream = Streams.openConnection(address)) {
                                assertThat(stream.reader().readExactly(2)).hasSize(2);
                                stream.writer().write(bytesOf(1, 2));
                                stream.writer().writeEof();
                                assertThat(stream.reader().readAll()).isEmpty();
                            }
                            server.close();
                            server.waitClosed();
                        });
        assertThat(reports)
                .singleElement()
                .satisfies(report ->
                        assertThat(report.message())
                                .contains("was never released", "calls of retain(): 1"));
        kept.getFirst().release();
    }

    /// {@return a writer that releases what it gets}
    private static StreamWriter sink() {
        var transport = FakeTransport.below(protocol());
        transport.discards = true;
        return transport.writer();
    }

    // ---- writing

    @Test
    void aBufferIsTheWritersAlsoWhereWritingFails() {
        TestRun.onSockets(_ -> {
            var protocol = protocol();
            var transport = FakeTransport.below(protocol);
            protocol.connectionLost(null);
            var data = piece(1);
            assertThatThrownBy(() -> transport.writer().writeBuffer(data))
                    .isInstanceOf(IOException.class);
            assertThat(data.refCnt()).isZero();
        });
    }

    @Test
    void aBufferThatWaitsIsReleasedWhenTheConnectionIsLost() {
        TestRun.onSockets(_ -> {
            var peers = new ArrayList<StreamWriter>();
            var server =
                    Streams.startServer(
                            (_, writer) -> {
                                writer.transport().pauseReading();
                                peers.add(writer);
                                writer.waitClosed();
                            },
                            "127.0.0.1",
                            0);
            var stream = Streams.openConnection(server.addresses().getFirst());
            var buffers = new ArrayList<ByteBuf>();
            var writing =
                    Async.createTask(() -> {
                        while (true) {
                            buffers.add(piece(1));
                            stream.writer().writeBuffer(buffers.getLast());
                        }
                    });
            while (peers.isEmpty() || stream.writer().transport().writeBufferSize() == 0) {
                Async.yieldNow();
            }
            stream.writer().transport().abort();
            assertThatThrownBy(writing::await).hasStackTraceContaining("is lost");
            assertThat(buffers).isNotEmpty().allMatch(buffer -> buffer.refCnt() == 0);
            assertThatThrownBy(() -> stream.writer().writeBuffer(piece(2)))
                    .isInstanceOf(IOException.class);
            peers.getFirst().transport().abort();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void afterTheEndOfWritingABufferIsRefusedAndReleased() {
        TestRun.onSockets(_ -> {
            var server = Streams.startServer((reader, _) -> reader.readAll(), "127.0.0.1", 0);
            try (var stream = Streams.openConnection(server.addresses().getFirst())) {
                stream.writer().writeEof();
                var data = piece(1);
                assertThatThrownBy(() -> stream.writer().writeBuffer(data))
                        .isInstanceOf(IllegalStateException.class);
                assertThat(data.refCnt()).isZero();
            }
            server.close();
            server.waitClosed();
        });
    }

    // ---- from one to the other

    @Test
    void aTransferCopiesNothingAndHoldsThePeerBackWhileTheTargetTakesNoMore() {
        TestRun.onSockets(_ -> {
            var from = protocol();
            var source = FakeTransport.below(from);
            var to = protocol();
            var target = FakeTransport.below(to);
            var transfer = waiting(() -> source.reader().transferTo(target.writer()));
            var first = piece(1);
            from.dataReceived(first);
            Async.yieldNow();
            assertThat(target.written).containsExactly(first);
            assertThat(source.reading).isTrue();

            to.pauseWriting();
            var second = piece(2);
            from.dataReceived(second);
            Async.yieldNow();
            assertThat(target.written).containsExactly(first, second);
            assertThat(source.reading).isFalse();
            assertThat(transfer.isDone()).isFalse();
            assertThatThrownBy(() -> source.reader().read(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another coroutine");

            to.resumeWriting();
            Async.yieldNow();
            assertThat(source.reading).isTrue();
            from.eofReceived();
            assertThat(transfer.await()).isEqualTo(2L * PIECE);
            first.release();
            second.release();
            assertThat(target.takeWritten()).isEqualTo(bytesOf(1, 2));
            assertThat(first.refCnt()).isZero();
            assertThat(source.reader().readAll()).isEmpty();
        });
    }

    @Test
    void aTransferThatIsCancelledHasGivenOnOrKeptEachByte() {
        TestRun.onSockets(_ -> {
            var from = protocol();
            var source = FakeTransport.below(from);
            var to = protocol();
            var target = FakeTransport.below(to);
            to.pauseWriting();
            var transfer = waiting(() -> source.reader().transferTo(target.writer()));
            source.reader().feedData(bytesOf(1));
            Async.yieldNow();
            source.reader().feedData(bytesOf(2));
            transfer.cancel();
            assertThatThrownBy(transfer::await).isInstanceOf(CancelledError.class);
            assertThat(target.takeWritten()).isEqualTo(bytesOf(1));
            assertThat(source.reading).isTrue();
            assertThat(source.reader().readExactly(PIECE)).isEqualTo(bytesOf(2));
        });
    }

    @Test
    void whatATransferCannotGiveOnBecauseTheTargetIsLostStaysReadable() {
        TestRun.onSockets(_ -> {
            var from = protocol();
            var source = FakeTransport.below(from);
            var to = protocol();
            var target = FakeTransport.below(to);
            var transfer = waiting(() -> source.reader().transferTo(target.writer()));
            to.connectionLost(new IOException("gone"));
            var received = piece(1);
            from.dataReceived(received);
            assertThatThrownBy(transfer::await).hasStackTraceContaining("gone");
            assertThat(received.refCnt()).isEqualTo(1);
            received.release();
            assertThatThrownBy(() -> source.reader().transferTo(target.writer()))
                    .hasMessageContaining("lost");
            assertThat(source.reader().readExactly(PIECE)).isEqualTo(bytesOf(1));
        });
    }

    @Test
    void whatATransferCannotGiveOnBecauseTheTargetWasEndedStaysReadable() {
        TestRun.onSockets(_ -> {
            var server = Streams.startServer((reader, _) -> reader.readAll(), "127.0.0.1", 0);
            try (var stream = Streams.openConnection(server.addresses().getFirst())) {
                var from = protocol();
                var source = FakeTransport.below(from);
                var transfer = waiting(() -> source.reader().transferTo(stream.writer()));
                stream.writer().writeEof();
                var received = piece(1);
                from.dataReceived(received);
                source.reader().feedData(bytesOf(2));
                assertThatThrownBy(transfer::await).isInstanceOf(IllegalStateException.class);
                assertThat(received.refCnt()).isEqualTo(1);
                received.release();
                assertThatThrownBy(() -> source.reader().transferTo(stream.writer()))
                        .isInstanceOf(IllegalStateException.class);
                assertThat(source.reader().readExactly(2 * PIECE)).isEqualTo(bytesOf(1, 2));
            }
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void whatATransferCannotGiveOnBecauseTheTargetIsClosingStaysReadable() {
        TestRun.onSockets(_ -> {
            var from = protocol();
            var source = FakeTransport.below(from);
            var to = protocol();
            var target = FakeTransport.below(to);
            var transfer = waiting(() -> source.reader().transferTo(target.writer()));
            source.reader().feedData(bytesOf(1));
            Async.yieldNow();
            target.closing = true;
            var received = piece(2);
            from.dataReceived(received);
            assertThatThrownBy(transfer::await)
                    .hasStackTraceContaining("is closing")
                    .hasStackTraceContaining(PIECE + " bytes");
            assertThat(received.refCnt()).isEqualTo(1);
            received.release();
            assertThat(target.takeWritten()).isEqualTo(bytesOf(1));
            assertThat(source.reader().readExactly(PIECE)).isEqualTo(bytesOf(2));
        });
    }

    @Test
    void aTransferThatHasGivenAllOnDoesNotMindATargetThatCloses() {
        TestRun.onSockets(_ -> {
            var from = protocol();
            var source = FakeTransport.below(from);
            var to = protocol();
            var target = FakeTransport.below(to);
            var transfer = waiting(() -> source.reader().transferTo(target.writer()));
            source.reader().feedData(bytesOf(1));
            Async.yieldNow();
            target.closing = true;
            source.reader().feedEof();
            assertThat(transfer.await()).isEqualTo(PIECE);
            assertThat(target.takeWritten()).isEqualTo(bytesOf(1));
        });
    }

    @Test
    void aTransferWhoseTargetIsLostWhileItWaitsForItFails() {
        TestRun.onSockets(_ -> {
            var from = protocol();
            var source = FakeTransport.below(from);
            var to = protocol();
            var target = FakeTransport.below(to);
            to.pauseWriting();
            var transfer = waiting(() -> source.reader().transferTo(target.writer()));
            source.reader().feedData(bytesOf(1));
            Async.yieldNow();
            to.connectionLost(new IOException("gone"));
            assertThatThrownBy(transfer::await).hasStackTraceContaining("gone");
            assertThat(target.takeWritten()).hasSize(PIECE);
        });
    }

    @Test
    void aTransferEndsWithTheFailureOfItsSourceAlsoWhileItWaitsForTheTarget() {
        TestRun.onSockets(_ -> {
            var from = protocol();
            var source = FakeTransport.below(from);
            var to = protocol();
            var target = FakeTransport.below(to);
            to.pauseWriting();
            var transfer = waiting(() -> source.reader().transferTo(target.writer()));
            source.reader().feedData(bytesOf(1));
            Async.yieldNow();
            from.connectionLost(new IOException("reset"));
            to.resumeWriting();
            assertThatThrownBy(transfer::await).hasStackTraceContaining("reset");
            assertThat(target.takeWritten()).hasSize(PIECE);
        });
    }
}
