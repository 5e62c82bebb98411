package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.TimedOutException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.MessageToByteEncoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.ReferenceCountUtil;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// The coroutine's side of a pipeline, on sockets.
@ExtendWith(LeakCheck.class)
@SuppressWarnings("FutureReturnValueIgnored") // what is awaited is what the peer sees
class ConnectionTest {
    private static final int MESSAGE_BYTES = 1000;

    private static void fixed(ChannelPipeline pipeline) {
        pipeline.addLast(new FixedLengthFrameDecoder(MESSAGE_BYTES));
    }

    private static void raw(ChannelPipeline pipeline) {
        // bytes are received as they come
    }

    private static ByteBuf message() {
        return Unpooled.wrappedBuffer(new byte[MESSAGE_BYTES]);
    }

    private static void echo(NettyConnection connection) throws IOException {
        for (var message = connection.receive(); message != null; message = connection.receive()) {
            connection.send(message);
        }
    }

    private static String text(Object message) {
        var data = (ByteBuf) message;
        try {
            return data.toString(US_ASCII);
        } finally {
            data.release();
        }
    }

    // ---- flow control

    @Test
    void aReceiverThatRestsHoldsThePeerBack() {
        TestRun.onSockets(run -> {
            var sent = new int[1];
            var server =
                    Servers.start(
                            ConnectionTest::raw,
                            connection -> {
                                for (; sent[0] < 20_000; sent[0]++) {
                                    connection.send(message());
                                }
                            });
            var options = NettyOptions.DEFAULTS.withReadAhead(4);
            try (var client =
                    NettyConnection.open(ConnectionTest::fixed, Servers.address(server), options)) {
                var inbox = (Inbox) client.pipeline().last();
                var most = 0;
                for (var last = -1; last != sent[0]; ) {
                    last = sent[0];
                    Servers.settle();
                }
                assertThat(sent[0]).as("20 MB do not fit into what is between").isLessThan(20_000);
                assertThat(client.transport().isReading()).isFalse();
                for (var received = 0; received < 20_000; received++) {
                    most = Math.max(most, inbox.size());
                    ReferenceCountUtil.release(client.receive());
                }
                assertThat(client.receive()).isNull();
                assertThat(most).as("what one read brings, and 4").isBetween(4, 4 + 263);
            }
            Servers.stop(server);
        });
    }

    @Test
    void aSenderWaitsForAPeerThatDoesNotRead() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var sent = new int[1];
                    var sender =
                            run.loop.createTask(() -> {
                                for (; sent[0] < 1000; sent[0]++) {
                                    connection.send(message());
                                }
                            });
                    run.settle();
                    assertThat(sent[0])
                            .as(
                                    "the next one passed 64 KiB, where each counts 96 bytes more,"
                                            + " and waits")
                            .isEqualTo(59);
                    assertThat(sender.isDone()).isFalse();
                    var before = sent[0];
                    run.peer.take(5_000);
                    run.settle();
                    assertThat(sent[0]).as("not before half has gone").isEqualTo(before);
                    run.peer.takeAll();
                    sender.await();
                    run.settle();
                    assertThat(run.peer.text).hasSize(1_000_000);
                    run.finish();
                });
    }

    @Test
    void sendersWhoWaitFailWithTheConnection() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var senders =
                            java.util.stream.IntStream.range(0, 5)
                                    .mapToObj(_ ->
                                            run.loop.createTask(() -> {
                                                while (true) {
                                                    connection.send(message());
                                                }
                                            }))
                                    .toList();
                    run.settle();
                    run.network.resetConnections("client", "server");
                    run.settle();
                    for (var sender : senders) {
                        assertThat(sender.exception())
                                .isInstanceOf(SocketException.class)
                                .hasMessageContaining("10.0.0.")
                                .hasCauseInstanceOf(IOException.class);
                    }
                    assertThatThrownBy(connection::receive).isInstanceOf(IOException.class);
                    assertThatThrownBy(connection::close).isInstanceOf(IOException.class);
                    run.finish();
                });
    }

    // ---- cancellation

    @Test
    void aReceiveThatIsCancelledLosesNoMessage() {
        TestRun.onSockets(run -> {
            var server = Servers.start(ConnectionTest::raw, ConnectionTest::echo);
            try (var client =
                    NettyConnection.open(
                            pipeline -> pipeline.addLast(new FixedLengthFrameDecoder(1)),
                            Servers.address(server))) {
                var received = new StringBuilder();
                for (var i = 0; i < 200; i++) {
                    var letter = Character.toString('a' + i % 26);
                    var receiver = Async.createTask(client::receive);
                    for (var turn = 0; turn < i % 7; turn++) {
                        Async.yieldNow();
                    }
                    client.send(Unpooled.copiedBuffer(letter, US_ASCII));
                    for (var turn = 0; turn < i % 5; turn++) {
                        Async.yieldNow();
                    }
                    receiver.cancel();
                    try {
                        received.append(text(receiver.await()));
                    } catch (CancelledError _) {
                        received.append(text(client.receive()));
                    }
                }
                assertThat(received).hasSize(200);
                for (var i = 0; i < 200; i++) {
                    assertThat(received.charAt(i)).isEqualTo((char) ('a' + i % 26));
                }
            }
            Servers.stop(server);
        });
    }

    @Test
    void aSendThatIsCancelledWhileItWaitsLeavesItsMessageOnTheWay() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var sender =
                            run.loop.createTask(() ->
                                    connection.send(Unpooled.wrappedBuffer(new byte[100_000])));
                    run.settle();
                    assertThat(sender.isDone()).isFalse();
                    sender.cancel();
                    run.settle();
                    assertThat(sender.isCancelled()).isTrue();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.text).hasSize(100_000);
                    connection.close();
                    run.finish();
                });
    }

    @Test
    void aCloseThatIsCancelledAbortsTheConnection() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    run.channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[100_000]));
                    var closer = run.loop.createTask(connection::close);
                    run.settle();
                    assertThat(closer.isDone()).isFalse();
                    closer.cancel();
                    run.settle();
                    assertThat(run.channel.isOpen()).isFalse();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.cause).as("a reset").isInstanceOf(IOException.class);
                    run.finish();
                });
    }

    @Test
    void aFileThatIsCancelledInTheMiddleAbortsTheConnection(@TempDir Path folder) {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var path = Files.write(folder.resolve("file"), new byte[100_000]);
                    try (var file = FileChannel.open(path)) {
                        var sender =
                                run.loop.createTask(() -> connection.sendFile(file, 0, 100_000));
                        run.settle();
                        assertThat(sender.isDone()).isFalse();
                        sender.cancel();
                        run.settle();
                        assertThat(sender.isCancelled()).isTrue();
                        assertThat(connection.isClosing()).isTrue();
                    }
                    run.finish();
                });
    }

    // ---- patience

    @Test
    void aReceiverGetsWhatComesInTimeAndGivesUpWhenItsTimeIsOver() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var patience = Duration.ofSeconds(3);
                    for (var second = 1; second <= 5; second++) {
                        run.loop.callLater(
                                Duration.ofSeconds(2),
                                () -> run.peer.transport.write(new byte[] {'x'}));
                        ReferenceCountUtil.release(connection.receiveWithin(patience));
                    }
                    var start = run.loop.time();
                    assertThatThrownBy(() -> connection.receiveWithin(patience, ByteBuf.class))
                            .isInstanceOf(TimedOutException.class)
                            .hasMessageContaining("10.0.0.2:80")
                            .hasMessageContaining("PT3S");
                    assertThat(Duration.ofNanos(run.loop.time() - start)).isEqualTo(patience);
                    run.peer.transport.write(new byte[] {'y'});
                    run.settle();
                    ReferenceCountUtil.release(connection.receiveWithin(Duration.ZERO));
                    assertThatThrownBy(() -> connection.receiveWithin(Duration.ZERO))
                            .isInstanceOf(TimedOutException.class);
                    connection.close();
                    run.finish();
                });
    }

    @Test
    void aShorterPatienceThanTheOneBeforeEndsInItsOwnTime() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    run.loop.callLater(
                            Duration.ofSeconds(1),
                            () -> run.peer.transport.write(new byte[] {'x'}));
                    ReferenceCountUtil.release(connection.receiveWithin(Duration.ofDays(500_000)));
                    for (var seconds : List.of(5, 2, 4)) {
                        var start = run.loop.time();
                        assertThatThrownBy(
                                        () -> connection.receiveWithin(Duration.ofSeconds(seconds)))
                                .isInstanceOf(TimedOutException.class);
                        assertThat(Duration.ofNanos(run.loop.time() - start))
                                .isEqualTo(Duration.ofSeconds(seconds));
                    }
                    connection.close();
                    run.finish();
                });
    }

    @Test
    void aReceiverThatIsCancelledWhileItIsPatientLosesNoMessage() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var receiver =
                            run.loop.createTask(
                                    () -> connection.receiveWithin(Duration.ofSeconds(5)));
                    run.settle();
                    receiver.cancel();
                    run.peer.transport.write(new byte[] {'x'});
                    run.settle();
                    assertThat(receiver.isCancelled()).isTrue();
                    var start = run.loop.time();
                    ReferenceCountUtil.release(connection.receiveWithin(Duration.ofSeconds(5)));
                    assertThat(run.loop.time()).isEqualTo(start);
                    connection.close();
                    run.finish();
                });
    }

    @Test
    void aSecondReceiverIsRefusedAndLeavesThePatienceOfTheFirstAlone() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var start = run.loop.time();
                    var first =
                            run.loop.createTask(
                                    () -> connection.receiveWithin(Duration.ofSeconds(5)));
                    Async.sleep(Duration.ofSeconds(1));
                    for (var seconds : List.of(0, 1, 60)) {
                        assertThatThrownBy(
                                        () -> connection.receiveWithin(Duration.ofSeconds(seconds)))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("another coroutine");
                    }
                    assertThatThrownBy(first::await).isInstanceOf(TimedOutException.class);
                    assertThat(Duration.ofNanos(run.loop.time() - start))
                            .isEqualTo(Duration.ofSeconds(5));
                    connection.close();
                    run.finish();
                });
    }

    @Test
    void aSenderIsPatientWithAPeerThatDoesNotRead() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var patience = Duration.ofSeconds(3);
                    var start = run.loop.time();
                    connection.sendWithin(patience, Unpooled.wrappedBuffer(new byte[60_000]));
                    assertThat(run.loop.time()).as("there is room").isEqualTo(start);
                    assertThatThrownBy(() ->
                                    connection.sendWithin(
                                            patience, Unpooled.wrappedBuffer(new byte[60_000])))
                            .isInstanceOf(TimedOutException.class);
                    assertThat(Duration.ofNanos(run.loop.time() - start)).isEqualTo(patience);
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.text).as("it stays on its way").hasSize(120_000);
                    connection.close();
                    run.finish();
                });
    }

    // ---- the ends of connections

    @Test
    void whatNobodyReceivedIsReleasedWhenTheConnectionIsClosed() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            ConnectionTest::raw,
                            connection -> {
                                for (var i = 0; i < 10; i++) {
                                    connection.send(message());
                                }
                                ReferenceCountUtil.release(connection.receive());
                            });
            var client = NettyConnection.open(ConnectionTest::fixed, Servers.address(server));
            var inbox = (Inbox) client.pipeline().last();
            Servers.until(() -> inbox.size() == 10);
            client.close();
            assertThat(inbox.size()).isZero();
            Servers.stop(server);
        });
    }

    @Test
    void aMessageSentAfterTheEndIsReleasedAndRefused() {
        TestRun.onSockets(run -> {
            var server = Servers.start(ConnectionTest::raw, ConnectionTest::echo);
            var client = NettyConnection.open(ConnectionTest::raw, Servers.address(server));
            client.close();
            var message = message();
            assertThatThrownBy(() -> client.send(message))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("closed by this side");
            assertThat(message.refCnt()).isZero();
            client.close();
            Servers.stop(server);
        });
    }

    @Test
    void closingTellsWhereAPeerHasNotTakenAll() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var start = run.loop.time();
                    connection.send(Unpooled.wrappedBuffer(new byte[50_000]));
                    assertThatThrownBy(connection::close)
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("not all that was sent to 10.0.0.");
                    assertThat(Duration.ofNanos(run.loop.time() - start))
                            .isEqualTo(Duration.ofSeconds(10));
                    run.finish();
                });
    }

    @Test
    void aRegularEndStaysOneWhereTheConnectionIsLostLater() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    run.peer.transport.write("last".getBytes(US_ASCII));
                    run.peer.transport.writeEof();
                    run.settle();
                    run.channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[50_000]));
                    run.network.resetConnections("client", "server");
                    run.settle();
                    assertThat(connection.isClosing()).isTrue();
                    assertThat(text(connection.receive())).isEqualTo("last");
                    assertThat(connection.receive()).isNull();
                    assertThatThrownBy(connection::close).isInstanceOf(IOException.class);
                    run.finish();
                });
    }

    @Test
    void messagesFromBeforeALossComeFirst() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    run.peer.transport.write("last".getBytes(US_ASCII));
                    run.settle();
                    run.network.resetConnections("client", "server");
                    run.settle();
                    assertThat(text(connection.receive())).isEqualTo("last");
                    assertThatThrownBy(connection::receive)
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("receiving from 10.0.0.");
                    assertThatThrownBy(connection::close).isInstanceOf(IOException.class);
                    run.finish();
                });
    }

    @Test
    void aReceiverWhoseConnectionThisSideCutsFails() {
        SimulatedRun.run(
                ConnectionTest::raw,
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var receiver = run.loop.createTask(() -> connection.receive());
                    run.settle();
                    connection.transport().abort();
                    run.settle();
                    assertThat(receiver.exception())
                            .isInstanceOf(SocketException.class)
                            .hasMessageContaining("aborted by this side");
                    connection.close();
                    run.finish();
                });
    }

    @Test
    void aLoopThatClosesReleasesWhatNobodyReceived() {
        var inboxes = new ArrayList<Inbox>();
        var reports =
                SimulatedRun.runAndTakeReports(
                        ConnectionTest::raw,
                        run -> {
                            NettyConnection.of(run.channel);
                            run.peer.transport.write("unread".getBytes(US_ASCII));
                            run.settle();
                            inboxes.add((Inbox) run.channel.pipeline().last());
                            assertThat(inboxes.getFirst().size()).isEqualTo(1);
                        },
                        _ -> assertThat(inboxes.getFirst().size()).isZero());
        assertThat(reports).hasSize(3);
    }

    @Test
    void onlyOneCoroutineAtATimeMayReceive() {
        TestRun.onSockets(run -> {
            var server = Servers.start(ConnectionTest::raw, ConnectionTest::echo);
            try (var client = NettyConnection.open(ConnectionTest::raw, Servers.address(server))) {
                var first = Async.createTask(client::receive);
                Async.yieldNow();
                assertThatThrownBy(client::receive)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("another coroutine");
                client.send(Unpooled.copiedBuffer("x", US_ASCII));
                assertThat(text(first.await())).isEqualTo("x");
            }
            Servers.stop(server);
        });
    }

    @Test
    void aDecoderThatFailsComesAfterTheMessagesBeforeIt() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            ConnectionTest::raw,
                            connection ->
                                    connection.send(
                                            Unpooled.wrappedBuffer(
                                                    new byte[] {0, 1, 'a', 0, 1, 'b', 127, 127})));
            try (var client =
                    NettyConnection.open(
                            pipeline ->
                                    pipeline.addLast(
                                            new LengthFieldBasedFrameDecoder(100, 0, 2, 0, 2)),
                            Servers.address(server))) {
                assertThat(text(client.receive())).isEqualTo("a");
                assertThat(text(client.receive())).isEqualTo("b");
                assertThatThrownBy(client::receive)
                        .isInstanceOf(IOException.class)
                        .hasRootCauseInstanceOf(TooLongFrameException.class);
            }
            Servers.stop(server);
        });
    }

    @Test
    void aFailureThatNobodyReceivesIsReportedAtTheEnd() {
        var reports =
                TestRun.runAndTakeReports(
                        SelectorEventLoop.builder().build(),
                        run -> {
                            var server =
                                    Servers.start(
                                            ConnectionTest::raw,
                                            connection ->
                                                    connection.send(
                                                            Unpooled.wrappedBuffer(
                                                                    new byte[] {127, 127})));
                            var client =
                                    NettyConnection.open(
                                            pipeline ->
                                                    pipeline.addLast(
                                                            new LengthFieldBasedFrameDecoder(
                                                                    100, 0, 2)),
                                            Servers.address(server));
                            Servers.settle();
                            client.close();
                            Servers.stop(server);
                        });
        assertThat(reports).singleElement().asString().contains("TooLongFrame", "seen by nobody");
    }

    @Test
    void whatAnEncoderThrowsComesOutOfTheSendThatCausedIt() {
        TestRun.onSockets(run -> {
            var server = Servers.start(ConnectionTest::raw, ConnectionTest::echo);
            try (var client =
                    NettyConnection.open(
                            pipeline -> pipeline.addLast(new Shout()), Servers.address(server))) {
                assertThatThrownBy(() -> client.send("")).hasRootCauseMessage("nothing to shout");
                assertThatThrownBy(() -> client.send(42))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("java.lang.Integer");
                client.send("hi");
                assertThat(text(client.receive())).isEqualTo("HI");
            }
            Servers.stop(server);
        });
    }

    private static final class Shout extends MessageToByteEncoder<String> {
        @Override
        protected void encode(ChannelHandlerContext context, String text, ByteBuf out) {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("nothing to shout");
            }
            out.writeCharSequence(text.toUpperCase(java.util.Locale.ROOT), US_ASCII);
        }
    }

    @Test
    void aHandlerThatFailsIsReportedAndItsConnectionClosed() {
        var reports =
                TestRun.runAndTakeReports(
                        SelectorEventLoop.builder().build(),
                        run -> {
                            var server =
                                    Servers.start(
                                            ConnectionTest::raw,
                                            _ -> {
                                                throw new IllegalStateException("planted");
                                            });
                            try (var client =
                                    NettyConnection.open(
                                            ConnectionTest::raw, Servers.address(server))) {
                                assertThat(client.receive()).isNull();
                            }
                            Servers.stop(server);
                        });
        assertThat(reports).singleElement().asString().contains("planted", "127.0.0.1");
    }

    @Test
    void aPipelineThatCannotBeFilledFailsTheConnectAndIsReported() {
        var reports =
                TestRun.runAndTakeReports(
                        SelectorEventLoop.builder().build(),
                        run -> {
                            var server = Servers.start(ConnectionTest::raw, ConnectionTest::echo);
                            assertThatThrownBy(() ->
                                            NettyConnection.open(
                                                    _ -> {
                                                        throw new IllegalStateException("planted");
                                                    },
                                                    Servers.address(server)))
                                    .isInstanceOf(IOException.class)
                                    .hasMessageContaining("pipeline could not be filled");
                            Servers.stop(server);
                        });
        assertThat(reports).singleElement().asString().contains("planted");
    }

    @Test
    void handlersThatAreCutByAShutdownAreNotReported() {
        TestRun.onSockets(run -> {
            var server = Servers.start(ConnectionTest::raw, ConnectionTest::echo);
            var client = NettyConnection.open(ConnectionTest::raw, Servers.address(server));
            Servers.settle();
            assertThat(server.shutdown(Duration.ZERO).cut()).hasSize(1);
            client.close();
        });
    }

    @Test
    void otherThreadsMayWriteToTheChannel() {
        TestRun.onSockets(run -> {
            var server = Servers.start(ConnectionTest::raw, ConnectionTest::echo);
            try (var client =
                    NettyConnection.open(
                            pipeline -> pipeline.addLast(new FixedLengthFrameDecoder(1)),
                            Servers.address(server))) {
                var failure = new AtomicReference<Throwable>();
                var thread =
                        Thread.ofPlatform()
                                .start(() -> {
                                    try {
                                        for (var i = 0; i < 26; i++) {
                                            var letter = Character.toString('a' + i);
                                            client.channel()
                                                    .writeAndFlush(
                                                            Unpooled.copiedBuffer(letter, US_ASCII))
                                                    .sync();
                                        }
                                    } catch (Throwable thrown) {
                                        failure.set(thrown);
                                    }
                                });
                var received = new StringBuilder();
                while (received.length() < 26) {
                    received.append(text(client.receive()));
                }
                assertThat(received.toString()).isEqualTo("abcdefghijklmnopqrstuvwxyz");
                thread.join();
                assertThat(failure).hasValue(null);
            }
            Servers.stop(server);
        });
    }

    @Test
    void aReceiverOfAnotherThreadIsRefusedInDebugMode() {
        TestRun.onSockets(run -> {
            run.loop.setDebug(true);
            var server = Servers.start(ConnectionTest::raw, ConnectionTest::echo);
            try (var client = NettyConnection.open(ConnectionTest::raw, Servers.address(server))) {
                var failures = new ArrayList<Throwable>();
                var thread =
                        Thread.ofPlatform()
                                .start(() -> {
                                    try {
                                        client.receive();
                                    } catch (Throwable thrown) {
                                        failures.add(thrown);
                                    }
                                });
                thread.join();
                assertThat(failures).singleElement().asString().contains("WrongThread", "receive");
            }
            Servers.stop(server);
        });
    }
}
