package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/// Connecting that is cancelled at every moment, with all that was opened counted.
@ExtendWith(LeakCheck.class)
class ConnectCancelTest {
    private static final InetAddress V6 = InetAddress.ofLiteral("2001:db8::1");
    private static final InetAddress V4 = InetAddress.ofLiteral("192.0.2.1");
    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    private static final int MANY_TURNS = 200;
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /// What a coroutine does that is to be cancelled.
    @FunctionalInterface
    private interface Connecting {
        Connection<RecordingProtocol> connect() throws IOException;
    }

    /// {@return whether it was connected before it was cancelled}
    private static boolean connectAndCancelAfter(int turns, EventLoop loop, Connecting connecting)
            throws Exception {
        Callable<Connection<RecordingProtocol>> body = connecting::connect;
        Task<Connection<RecordingProtocol>> task = loop.createTask(body, "connecting");
        for (var turn = 0; turn < turns && !task.isDone(); turn++) {
            Async.yieldNow();
        }
        task.cancel();
        try {
            task.await().transport().abort();
            return true;
        } catch (CancelledError expected) {
            return false;
        }
    }

    @ParameterizedTest(name = "first address refused: {0}")
    @ValueSource(booleans = {false, true})
    void nothingStaysOpenInMemoryWhateverTheTurnOfTheCancel(boolean firstRefused) {
        var connected = false;
        var turns = 0;
        for (; !connected; turns++) {
            assertThat(turns).isLessThan(MANY_TURNS);
            connected = isConnectedInMemory(turns, firstRefused);
        }
        assertThat(turns).as("moments at which it could be cancelled").isGreaterThan(3);
    }

    private static boolean isConnectedInMemory(int turns, boolean firstRefused) {
        var connected = new boolean[1];
        TestRun.run(
                VirtualTime.newLoop(),
                run -> {
                    var network = MemoryNetwork.on(run.loop);
                    network.hosts.put("example.test", firstRefused ? List.of(V6, V4) : List.of(V4));
                    network.failures.put(
                            new InetSocketAddress(V6, 80), new ConnectException("refused"));
                    var server =
                            Net.createServer(RecordingProtocol::new, new InetSocketAddress(V4, 80));
                    connected[0] =
                            connectAndCancelAfter(
                                    turns,
                                    run.loop,
                                    () ->
                                            Net.createConnection(
                                                    RecordingProtocol::new, "example.test", 80));
                    server.close();
                    server.waitClosed();
                    assertThat(network.links).allMatch(MemoryNetwork.MemoryLink::isClosed);
                });
        return connected[0];
    }

    @ParameterizedTest(name = "cancelled after {0} ms, before an answer of that time: {1}")
    @CsvSource({
        "0, true",
        "0, false",
        "100, true",
        "249, true",
        "250, true",
        "250, false",
        "299, true",
        "300, true",
        "300, false"
    })
    void nothingStaysOpenWhateverTheTimeOfTheCancelInARace(int millis, boolean cancelFirst) {
        TestRun.run(
                VirtualTime.newLoop(),
                run -> {
                    var network = MemoryNetwork.on(run.loop);
                    network.hosts.put("example.test", List.of(V6, V4));
                    var server =
                            Net.createServer(RecordingProtocol::new, new InetSocketAddress(V4, 80));
                    for (var ip : network.hosts.get("example.test")) {
                        network.delays.put(new InetSocketAddress(ip, 80), run.loop.createFuture());
                    }
                    var connecting =
                            run.loop.createTask(
                                    () ->
                                            Net.createConnection(
                                                    RecordingProtocol::new, "example.test", 80),
                                    "connecting");
                    Runnable cancel =
                            () -> run.loop.callLater(Duration.ofMillis(millis), connecting::cancel);
                    if (cancelFirst) {
                        cancel.run();
                    }
                    for (var delay : network.delays.values()) {
                        answerAfter(run.loop, delay, 300);
                    }
                    if (!cancelFirst) {
                        cancel.run();
                    }
                    assertThatThrownBy(connecting::await).isInstanceOf(CancelledError.class);
                    assertThat(Duration.ofNanos(run.loop.time()).toMillis()).isEqualTo(millis);
                    server.close();
                    server.waitClosed();
                    assertThat(network.links).allMatch(MemoryNetwork.MemoryLink::isClosed);
                });
    }

    private static void answerAfter(EventLoop loop, LoopFuture<Void> delay, int millis) {
        loop.callLater(
                Duration.ofMillis(millis),
                () -> {
                    if (!delay.isDone()) {
                        delay.setResult(null);
                    }
                });
    }

    @Test
    void noDescriptorStaysOpenWhateverTheTurnOfTheCancel() throws IOException {
        assumeTrue(Files.exists(DESCRIPTORS), "needs " + DESCRIPTORS);
        var before = openSockets();
        var connected = false;
        var turns = 0;
        for (; !connected; turns++) {
            assertThat(turns).isLessThan(MANY_TURNS);
            connected = isConnectedOnSockets(turns);
        }
        assertThat(turns).as("moments at which it could be cancelled").isGreaterThan(3);
        assertThat(openSockets()).isLessThanOrEqualTo(before);
    }

    private static boolean isConnectedOnSockets(int turns) {
        var connected = new boolean[1];
        TestRun.run(
                SelectorEventLoop.builder().build(),
                run -> {
                    // The first address is refused, as the server listens on the second one only.
                    Resolver resolver =
                            _ -> {
                                Async.yieldNow();
                                return List.of(
                                        InetAddress.ofLiteral("127.0.0.2"), ANY_PORT.getAddress());
                            };
                    run.loop.provideService(Resolver.class, resolver);
                    var server = Net.createServer(RecordingProtocol::new, ANY_PORT);
                    var address = (InetSocketAddress) server.addresses().getFirst();
                    connected[0] =
                            connectAndCancelAfter(
                                    turns,
                                    run.loop,
                                    () ->
                                            Net.createConnection(
                                                    RecordingProtocol::new,
                                                    "example.test",
                                                    address.getPort()));
                    server.close();
                    server.waitClosed();
                });
        return connected[0];
    }

    private static long openSockets() throws IOException {
        try (var entries = Files.list(DESCRIPTORS)) {
            return entries.filter(ConnectCancelTest::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    @Test
    void aSuppliedChannelThatWasCancelledHarmsNoLaterConnection() {
        TestRun.onSockets(run -> {
            var accepted = new ArrayList<RecordingProtocol>();
            var server =
                    Net.createServer(
                            () -> {
                                var protocol = new RecordingProtocol();
                                accepted.add(protocol);
                                return protocol;
                            },
                            ANY_PORT);
            var address = server.addresses().getFirst();
            var stale = SocketChannel.open(address);
            var connecting =
                    run.loop.createTask(
                            () ->
                                    Net.createConnection(
                                            RecordingProtocol::new, stale, ConnectOptions.DEFAULTS),
                            "connecting");
            Async.yieldNow();
            connecting.cancel();
            assertThatThrownBy(connecting::await).isInstanceOf(CancelledError.class);
            // Turns in which the selector lets go of the descriptor, so that it is used again.
            Async.sleep(Duration.ofMillis(1));
            assertThat(stale.isOpen()).isFalse();

            var next = Net.createConnection(RecordingProtocol::new, address);
            stale.close();
            assertThatThrownBy(() -> stale.write(ByteBuffer.allocate(1)))
                    .isInstanceOf(IOException.class);
            next.transport().write(ConnectionPairs.bytes("hello"));
            accepted.get(1).awaitText("hello");
            assertThat(accepted.get(1).received.size()).isEqualTo(5);
            assertThat(accepted.get(0).received.size()).isZero();
            next.transport().close();
            server.close();
            server.waitClosed();
        });
    }
}
