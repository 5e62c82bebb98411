package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/// The operations on bare channels, over the loopback interface.
@ExtendWith(LeakCheck.class)
class SocketsTest {
    private static final int BIG = 4 * 1024 * 1024;

    @TempDir private Path folder;

    /// A test with two connected channels, closed at the end.
    @FunctionalInterface
    private interface PairBody {
        void run(TestRun run, SocketChannel near, SocketChannel far) throws Exception;
    }

    private static void withPair(PairBody body) {
        TestRun.onSockets(run -> {
            try (var listener = listen();
                    var near = nonBlocking(SocketChannel.open(listener.getLocalAddress()));
                    var far = Sockets.accept(listener)) {
                body.run(run, near, far);
            }
        });
    }

    private static ServerSocketChannel listen() throws IOException {
        var listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return nonBlocking(listener);
    }

    private static <C extends SelectableChannel> C nonBlocking(C channel) throws IOException {
        channel.configureBlocking(false);
        return channel;
    }

    private static void close(SelectableChannel channel) throws IOException {
        channel.close();
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private static String receiveText(SocketChannel channel) throws IOException {
        var buffer = ByteBuffer.allocate(100);
        var count = Sockets.receive(channel, buffer);
        return new String(buffer.array(), 0, count, US_ASCII);
    }

    /// Starts an operation that finds nothing to do, and lets it wait.
    private static <T> Task<T> waiting(Callable<T> operation) {
        var task = Async.createTask(operation);
        Async.yieldNow();
        assertThat(task.isDone()).isFalse();
        return task;
    }

    private static int fill(SocketChannel channel) throws IOException {
        var total = 0;
        var piece = ByteBuffer.allocate(64 * 1024);
        while (true) {
            var count = channel.write(piece.clear());
            if (count == 0) {
                return total;
            }
            total += count;
        }
    }

    private static byte[] receiveExactly(SocketChannel channel, int count) throws IOException {
        var all = ByteBuffer.allocate(count);
        while (all.hasRemaining()) {
            assertThat(Sockets.receive(channel, all)).isPositive();
        }
        return all.array();
    }

    @Test
    void bytesThatAreThereAreReceivedAtOnceIntoTheRestOfTheBuffer() {
        withPair((_, near, far) -> {
            Sockets.sendAll(far, ascii("hello"));
            var buffer = ByteBuffer.allocate(10).put((byte) '>').limit(4);
            assertThat(Sockets.receive(near, buffer)).isEqualTo(3);
            assertThat(buffer.position()).isEqualTo(4);
            assertThat(new String(buffer.array(), 0, 4, US_ASCII)).isEqualTo(">hel");
            assertThat(receiveText(near)).isEqualTo("lo");
        });
    }

    @Test
    void receivingWaitsForBytes() {
        withPair((_, near, far) -> {
            var task = waiting(() -> receiveText(near));
            Sockets.sendAll(far, ascii("later"));
            assertThat(task.await()).isEqualTo("later");
        });
    }

    @Test
    void theEndOfTheStreamIsMinusOne() {
        withPair((_, near, far) -> {
            var task = waiting(() -> Sockets.receive(near, ByteBuffer.allocate(1)));
            far.close();
            assertThat(task.await()).isEqualTo(-1);
            assertThat(Sockets.receive(near, ByteBuffer.allocate(1))).isEqualTo(-1);
        });
    }

    @Test
    void emptyBuffersAreDoneAtOnce() {
        withPair((_, near, far) -> {
            assertThat(Sockets.receive(near, ByteBuffer.allocate(0))).isZero();
            Sockets.sendAll(near, ByteBuffer.allocate(0));
            Sockets.sendAll(near, ascii("x"));
            assertThat(receiveText(far)).isEqualTo("x");
        });
    }

    @Test
    void muchDataIsSentWholeWhileThePeerReads() {
        var data = ConnectionPairs.randomBytes(BIG);
        withPair((_, near, far) -> {
            for (var buffer :
                    List.of(ByteBuffer.wrap(data), ByteBuffer.allocateDirect(BIG).put(data))) {
                buffer.rewind();
                var received = Async.createTask(() -> receiveExactly(far, BIG));
                Sockets.sendAll(near, buffer);
                assertThat(buffer.hasRemaining()).isFalse();
                assertThat(received.await()).isEqualTo(data);
            }
        });
    }

    @Test
    void bothDirectionsOfOneChannelMayBeUsedAtATime() {
        withPair((_, near, far) -> {
            var receiving = waiting(() -> receiveText(near));
            var pending = fill(near);
            var sending =
                    waiting(() -> {
                        Sockets.sendAll(near, ascii("end"));
                        return true;
                    });
            Sockets.sendAll(far, ascii("answer"));
            assertThat(receiving.await()).isEqualTo("answer");
            receiveExactly(far, pending);
            assertThat(sending.await()).isTrue();
            assertThat(receiveText(far)).isEqualTo("end");
        });
    }

    @Test
    void aPeerThatHasResetTheConnectionFailsTheOperations() {
        withPair((_, near, far) -> {
            var task = waiting(() -> Sockets.receive(near, ByteBuffer.allocate(1)));
            far.setOption(StandardSocketOptions.SO_LINGER, 0);
            far.close();
            assertThatThrownBy(task::await).hasRootCauseInstanceOf(IOException.class);
            assertThatThrownBy(() -> Sockets.sendAll(near, ByteBuffer.allocate(1)))
                    .isInstanceOf(IOException.class);
        });
    }

    @Test
    void aCancelledReceiveTakesNoBytesAndTheNextMayBeginInTheSameTurn() {
        withPair((_, near, far) -> {
            var first = waiting(() -> receiveText(near));
            first.cancel();
            var second = Async.createTask(() -> receiveText(near));
            Async.yieldNow();
            Async.yieldNow();
            assertThat(first.isCancelled()).isTrue();
            assertThat(second.isDone()).isFalse();
            Sockets.sendAll(far, ascii("for the second"));
            assertThat(second.await()).isEqualTo("for the second");
        });
    }

    @Test
    void aNewReceiveSurvivesTheCleanUpOfTheOneBeforeAlsoInsideTheCancellingCoroutine() {
        withPair((_, near, far) -> {
            var first = waiting(() -> receiveText(near));
            Async.createTask(() -> {
                Async.yieldNow();
                Sockets.sendAll(far, ascii("mine"));
                return null;
            });
            first.cancel();
            assertThat(receiveText(near)).isEqualTo("mine");
            assertThat(first.isCancelled()).isTrue();
        });
    }

    @Test
    void aReceiveThatIsCancelledWhenBytesHaveJustComeLeavesThemToTheNext() {
        withPair((run, near, far) -> {
            var first = waiting(() -> receiveText(near));
            // Not yielding: the reader of the task runs before the task does, and cancels it there.
            run.loop.addWriter(
                    far,
                    () -> {
                        run.loop.removeWriter(far);
                        first.cancel();
                    });
            far.write(ascii("kept"));
            assertThatExceptionOfType(CancelledError.class).isThrownBy(first::await);
            assertThat(receiveText(near)).isEqualTo("kept");
        });
    }

    @Test
    void aCancelledOperationLeavesNoReaderAndNoWriterBehind() {
        withPair((run, near, _) -> {
            var receiving = waiting(() -> receiveText(near));
            fill(near);
            var sending =
                    waiting(() -> {
                        Sockets.sendAll(near, ascii("x"));
                        return null;
                    });
            receiving.cancel();
            sending.cancel();
            Async.waitAll(List.of(receiving, sending));
            assertThat(run.loop.removeReader(near)).isFalse();
            assertThat(run.loop.removeWriter(near)).isFalse();
        });
    }

    @Test
    void anOperationThatTookOverAndIsDoneAtOnceLeavesNoReaderBehind() {
        withPair((run, near, far) -> {
            var first = waiting(() -> receiveText(near));
            far.write(ascii("x"));
            first.cancel();
            assertThat(receiveText(near)).isEqualTo("x");
            Async.yieldNow();
            assertThat(first.isCancelled()).isTrue();
            assertThat(run.loop.removeReader(near)).isFalse();
        });
    }

    @Test
    void aSecondCoroutineInTheSameDirectionIsRefusedAndTheFirstGoesOn() {
        withPair((_, near, far) -> {
            var first = waiting(() -> receiveText(near));
            assertThatThrownBy(() -> Sockets.receive(near, ByteBuffer.allocate(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Sockets.receive on ")
                    .hasMessageContaining("is under way")
                    .hasMessageContaining("AsyncLock");
            Sockets.sendAll(far, ascii("first"));
            assertThat(first.await()).isEqualTo("first");
        });
    }

    @Test
    void aChannelInBlockingModeIsRefusedBeforeItStopsTheLoop() {
        TestRun.onSockets(_ -> {
            try (var stream = SocketChannel.open();
                    var listener = ServerSocketChannel.open();
                    var datagrams = DatagramChannel.open();
                    var file = FileChannel.open(Files.createFile(folder.resolve("f")))) {
                var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
                var buffer = ByteBuffer.allocate(1);
                for (Callable<?> operation :
                        List.<Callable<?>>of(
                                () -> Sockets.receive(stream, buffer),
                                () -> {
                                    Sockets.sendAll(stream, buffer);
                                    return null;
                                },
                                () -> Sockets.accept(listener),
                                () -> {
                                    Sockets.connect(stream, address);
                                    return null;
                                },
                                () -> Sockets.receiveFrom(datagrams, buffer),
                                () -> Sockets.sendTo(datagrams, buffer, address),
                                () -> Sockets.sendFile(stream, file, 0, 1))) {
                    assertThatThrownBy(operation::call)
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("configureBlocking(false)");
                }
            }
        });
    }

    @Test
    void channelsThatAreNotReadyForAnOperationAreRefusedClearly() {
        TestRun.onSockets(_ -> {
            try (var stream = nonBlocking(SocketChannel.open());
                    var listener = nonBlocking(ServerSocketChannel.open());
                    var datagrams = nonBlocking(DatagramChannel.open())) {
                assertThatThrownBy(() -> Sockets.receive(stream, ByteBuffer.allocate(1)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("not connected");
                assertThatThrownBy(() -> Sockets.sendAll(stream, ByteBuffer.allocate(1)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("not connected");
                assertThatThrownBy(() -> Sockets.accept(listener))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("not bound");
                assertThatThrownBy(() -> Sockets.receiveFrom(datagrams, ByteBuffer.allocate(1)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("not bound");
                close(stream);
                assertThatThrownBy(() -> Sockets.receive(stream, ByteBuffer.allocate(1)))
                        .isInstanceOf(ClosedChannelException.class);
            }
        });
    }

    @Test
    void anOperationInACallbackIsRefusedEvenWhereItNeedNotWait() {
        withPair((run, near, far) -> {
            far.write(ascii("x"));
            LoopFuture<Throwable> thrown = run.loop.createFuture();
            run.loop.callSoon(() -> {
                try {
                    Sockets.receive(near, ByteBuffer.allocate(1));
                    thrown.setResult(null);
                } catch (IOException | RuntimeException failure) {
                    thrown.setResult(failure);
                }
            });
            assertThat(thrown.await())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("callback");
        });
    }

    @Test
    void aChannelThatBelongsToATransportIsRefusedEverywhere() {
        withPair((run, near, far) -> {
            var connection =
                    Net.createConnection(RecordingProtocol::new, near, ConnectOptions.DEFAULTS);
            for (Callable<?> operation :
                    List.<Callable<?>>of(
                            () -> Sockets.receive(near, ByteBuffer.allocate(1)),
                            () -> {
                                Sockets.sendAll(near, ByteBuffer.allocate(1));
                                return null;
                            },
                            () -> {
                                Sockets.close(near);
                                return null;
                            },
                            () -> Net.connectAcceptedSocket(RecordingProtocol::new, near),
                            () -> {
                                run.loop.addReader(near, () -> {});
                                return null;
                            },
                            () -> run.loop.removeWriter(near))) {
                assertThatThrownBy(operation::call)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("belongs to the transport");
            }
            // It goes on undisturbed.
            Sockets.sendAll(far, ascii("hello"));
            connection.protocol().awaitText("hello");
            connection.transport().close();
            connection.protocol().awaitLost();
        });
    }

    @Test
    void aTransportDoesNotTakeOverAChannelThatSomebodyWaitsFor() {
        withPair((_, near, far) -> {
            var task = waiting(() -> receiveText(near));
            assertThatThrownBy(() -> Net.connectAcceptedSocket(RecordingProtocol::new, near))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("still has a reader");
            Sockets.sendAll(far, ascii("still mine"));
            assertThat(task.await()).isEqualTo("still mine");
        });
    }

    @Test
    void closingAChannelThroughSocketsEndsTheWaitsForItAtOnce() {
        withPair((_, near, _) -> {
            var receiving = waiting(() -> receiveText(near));
            fill(near);
            var sending =
                    waiting(() -> {
                        Sockets.sendAll(near, ascii("x"));
                        return null;
                    });
            Sockets.close(near);
            Sockets.close(near);
            Async.yieldNow();
            assertThat(receiving.exception()).isInstanceOf(ClosedChannelException.class);
            assertThat(sending.exception()).isInstanceOf(ClosedChannelException.class);
        });
    }

    @Test
    void aWaitEndsWhenAnotherCoroutineClosesTheChannelByItself() {
        withPair((_, near, _) -> {
            var receiving = waiting(() -> receiveText(near));
            near.close();
            assertThatThrownBy(receiving::await)
                    .hasRootCauseInstanceOf(ClosedChannelException.class);
        });
    }

    @Test
    void aWaitEndsWhenAnotherThreadClosesTheChannelWhileTheLoopSleeps() throws Exception {
        TestRun.onSockets(run -> {
            try (var listener = listen()) {
                var accepting = waiting(() -> Sockets.accept(listener));
                var thread =
                        Thread.ofPlatform()
                                .daemon()
                                .start(() -> {
                                    try {
                                        close(listener);
                                    } catch (IOException failure) {
                                        throw new UncheckedIOException(failure);
                                    }
                                });
                assertThatThrownBy(accepting::await)
                        .hasRootCauseInstanceOf(ClosedChannelException.class);
                thread.join();
            }
            assertThat(run.loop.isRunning()).isTrue();
        });
    }

    @Test
    void aCoroutineThatAlwaysFindsBytesLetsOthersRun() {
        withPair((_, near, far) -> {
            var turns = new ArrayList<Integer>();
            var received = new int[1];
            fill(far);
            var other =
                    Async.createTask(() -> {
                        for (var turn = 0; turn < 3; turn++) {
                            turns.add(received[0]);
                            Async.yieldNow();
                        }
                        return null;
                    });
            var one = ByteBuffer.allocate(1);
            for (var count = 0; count < 300; count++) {
                received[0] += Sockets.receive(near, one.clear());
            }
            other.await();
            // Accepting the connection was the first of 64 operations.
            assertThat(turns).containsExactly(63, 127, 191);
        });
    }

    @Test
    void acceptedChannelsAreInNonBlockingMode() {
        withPair((_, _, far) -> assertThat(far.isBlocking()).isFalse());
    }

    @Test
    void aCancelledAcceptLeavesTheConnectionToTheNext() {
        TestRun.onSockets(_ -> {
            try (var listener = listen()) {
                var first = waiting(() -> Sockets.accept(listener));
                first.cancel();
                var second = Async.createTask(() -> Sockets.accept(listener));
                try (var client = SocketChannel.open(listener.getLocalAddress());
                        var accepted = second.await()) {
                    assertThat(first.isCancelled()).isTrue();
                    assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
                }
            }
        });
    }

    @Test
    void connectingWaitsUntilTheConnectionIsMade() {
        TestRun.onSockets(_ -> {
            try (var listener = listen();
                    var client = nonBlocking(SocketChannel.open())) {
                Sockets.connect(client, listener.getLocalAddress());
                assertThat(client.isConnected()).isTrue();
                Sockets.accept(listener).close();
                assertThatThrownBy(() -> Sockets.connect(client, listener.getLocalAddress()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("connected already");
            }
        });
    }

    @Test
    void unixSocketsAreConnectedAcceptedAndUsedAlike() {
        TestRun.onSockets(_ -> {
            var address = UnixDomainSocketAddress.of(folder.resolve("s.sock"));
            try (var listener = nonBlocking(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
                    var client = nonBlocking(SocketChannel.open(StandardProtocolFamily.UNIX))) {
                listener.bind(address);
                Sockets.connect(client, address);
                try (var accepted = Sockets.accept(listener)) {
                    Sockets.sendAll(client, ascii("file"));
                    assertThat(receiveText(accepted)).isEqualTo("file");
                }
            }
        });
    }

    @Test
    void aRefusedConnectionNamesAddressAndReason() {
        TestRun.onSockets(_ -> {
            InetSocketAddress nobody;
            try (var listener = listen()) {
                nobody = (InetSocketAddress) listener.getLocalAddress();
            }
            try (var client = nonBlocking(SocketChannel.open())) {
                assertThatThrownBy(() -> Sockets.connect(client, nobody))
                        .isInstanceOf(ConnectException.class)
                        .hasMessage(
                                "cannot connect to 127.0.0.1:"
                                        + nobody.getPort()
                                        + ": Connection refused");
            }
        });
    }

    @Test
    void addressesThatCannotBeUsedAreRefusedClearly() {
        TestRun.onSockets(_ -> {
            try (var client = nonBlocking(SocketChannel.open());
                    var datagrams = nonBlocking(DatagramChannel.open())) {
                var unresolved = InetSocketAddress.createUnresolved("example.org", 80);
                assertThatThrownBy(() -> Sockets.connect(client, unresolved))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("example.org:80")
                        .hasMessageContaining("Net.createConnection");
                assertThatThrownBy(
                                () -> Sockets.sendTo(datagrams, ByteBuffer.allocate(1), unresolved))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("not resolved");
                var path = UnixDomainSocketAddress.of(folder.resolve("x"));
                assertThatThrownBy(() -> Sockets.connect(client, path))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("another kind");
                assertThat(client.isOpen()).isTrue();
            }
        });
    }

    /// A listener whose backlog is full answers no further attempt, so that connecting waits.
    private static List<SocketChannel> fillBacklog(ServerSocketChannel listener)
            throws IOException {
        var clients = new ArrayList<SocketChannel>();
        for (var count = 0; count < 8; count++) {
            var client = nonBlocking(SocketChannel.open());
            clients.add(client);
            client.connect(listener.getLocalAddress());
        }
        return clients;
    }

    @Test
    void aCancelledConnectCanBeWaitedForAgainOrClosed() {
        TestRun.onSockets(_ -> {
            try (var listener = ServerSocketChannel.open()) {
                listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
                nonBlocking(listener);
                var address = listener.getLocalAddress();
                var others = fillBacklog(listener);
                try (var client = nonBlocking(SocketChannel.open())) {
                    var first =
                            waiting(() -> {
                                Sockets.connect(client, address);
                                return null;
                            });
                    first.cancel();
                    assertThatExceptionOfType(CancelledError.class).isThrownBy(first::await);
                    assertThat(client.isConnectionPending()).isTrue();
                    var elsewhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
                    assertThatThrownBy(() -> Sockets.connect(client, elsewhere))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("connecting to another address");
                    var second =
                            waiting(() -> {
                                Sockets.connect(client, address);
                                return true;
                            });
                    Sockets.close(client);
                    assertThatThrownBy(second::await)
                            .hasRootCauseInstanceOf(ClosedChannelException.class);
                } finally {
                    for (var other : others) {
                        other.close();
                    }
                }
            }
        });
    }

    @Test
    void aConnectThatWasCancelledIsMadeByTheNext() {
        TestRun.onSockets(_ -> {
            try (var listener = listen();
                    var client = nonBlocking(SocketChannel.open())) {
                client.connect(listener.getLocalAddress()); // as a cancelled one leaves it
                Sockets.connect(client, listener.getLocalAddress());
                assertThat(client.isConnected()).isTrue();
            }
        });
    }

    @Test
    void datagramsAreSentAndReceivedAlsoEmptyOnes() {
        TestRun.onSockets(_ -> {
            try (var near = nonBlocking(DatagramChannel.open());
                    var far = nonBlocking(DatagramChannel.open())) {
                var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                near.bind(loopback);
                far.bind(loopback);
                var buffer = ByteBuffer.allocate(10);
                var receiving = waiting(() -> Sockets.receiveFrom(near, buffer));
                assertThat(Sockets.sendTo(far, ascii("ping"), near.getLocalAddress())).isEqualTo(4);
                assertThat(receiving.await()).isEqualTo(far.getLocalAddress());
                assertThat(new String(buffer.array(), 0, buffer.position(), US_ASCII))
                        .isEqualTo("ping");
                buffer.clear();
                assertThat(Sockets.sendTo(far, ascii(""), near.getLocalAddress())).isZero();
                assertThat(Sockets.receiveFrom(near, buffer)).isEqualTo(far.getLocalAddress());
                assertThat(buffer.position()).isZero();
            }
        });
    }

    @Test
    void aConnectedDatagramChannelSendsToItsPeerOnly() {
        TestRun.onSockets(_ -> {
            try (var near = nonBlocking(DatagramChannel.open());
                    var far = nonBlocking(DatagramChannel.open())) {
                var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                near.bind(loopback);
                far.connect(near.getLocalAddress());
                assertThatThrownBy(() -> Sockets.sendTo(far, ascii("x"), far.getLocalAddress()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("another address");
                assertThat(Sockets.sendTo(far, ascii("x"), near.getLocalAddress())).isEqualTo(1);
            }
        });
    }

    @Test
    void aDatagramThatIsTooLongFailsAndTheChannelStaysUsable() {
        TestRun.onSockets(_ -> {
            try (var near = nonBlocking(DatagramChannel.open())) {
                near.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                var address = near.getLocalAddress();
                assertThatThrownBy(() -> Sockets.sendTo(near, ByteBuffer.allocate(70_000), address))
                        .isInstanceOf(SocketException.class);
                assertThat(Sockets.sendTo(near, ascii("x"), address)).isEqualTo(1);
            }
        });
    }

    private FileChannel fileWith(byte[] content) throws IOException {
        return FileChannel.open(Files.write(folder.resolve("file"), content));
    }

    @Test
    void aPartOfAFileIsSentAndThePositionOfTheFileStays() {
        var content = ConnectionPairs.randomBytes(BIG);
        withPair((_, near, far) -> {
            try (var file = fileWith(content)) {
                file.position(7);
                var received = Async.createTask(() -> receiveExactly(far, BIG - 100));
                assertThat(Sockets.sendFile(near, file, 100, Long.MAX_VALUE)).isEqualTo(BIG - 100);
                assertThat(received.await()).isEqualTo(Arrays.copyOfRange(content, 100, BIG));
                assertThat(file.position()).isEqualTo(7);
                assertThat(Sockets.sendFile(near, file, BIG + 1, 5)).isZero();
                assertThat(Sockets.sendFile(near, file, 0, 3)).isEqualTo(3);
            }
        });
    }

    @Test
    void aFileThatCannotSendItselfIsReadInPieces() {
        var content = ConnectionPairs.randomBytes(BIG);
        withPair((_, near, far) -> {
            try (var file = new FileWithoutTransfer(fileWith(content))) {
                var received = Async.createTask(() -> receiveExactly(far, BIG - 5));
                assertThat(Sockets.sendFile(near, file, 5, BIG)).isEqualTo(BIG - 5);
                assertThat(received.await()).isEqualTo(Arrays.copyOfRange(content, 5, BIG));
            }
        });
    }

    @Test
    void aRangeThatIsNoneIsRefused() {
        withPair((_, near, _) -> {
            try (var file = fileWith(new byte[1])) {
                assertThatThrownBy(() -> Sockets.sendFile(near, file, -1, 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("offset was -1");
                assertThatThrownBy(() -> Sockets.sendFile(near, file, 0, 0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("count was 0");
            }
        });
    }

    @Test
    void aLoopThatClosesEndsTheWaitsOnIt() throws IOException {
        var ended = new CompletableFuture<Throwable>();
        try (var listener = listen()) {
            var reports =
                    TestRun.runAndTakeReports(
                            SelectorEventLoop.builder().build(),
                            _ ->
                                    waiting(() -> {
                                        try {
                                            return Sockets.accept(listener);
                                        } catch (IOException | Error end) {
                                            ended.complete(end);
                                            throw end;
                                        }
                                    }));
            assertThat(ended).isCompletedWithValueMatching(CancelledError.class::isInstance);
            assertThat(reports).isNotEmpty();
        }
    }
}
