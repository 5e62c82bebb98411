package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.ContextVar;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.SelectorEventLoop;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

@ExtendWith(LeakCheck.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
@Timeout(60)
class LoopGroupTest {
    private static final ListenOptions SHARING = ListenOptions.DEFAULTS.withReusePort(true);

    private final LoopGroup.Builder builder =
            LoopGroup.builder().withName("server").withSignals(false).withGrace(Duration.ZERO);

    /// Sends the number of its loop's thread, and waits for the client to close.
    private static final class Numbered implements StreamingProtocol {
        private final byte number;

        private Numbered(int number) {
            this.number = (byte) number;
        }

        @Override
        public void connectionMade(Transport transport) {
            transport.write(new byte[] {number});
        }

        @Override
        public void dataReceived(ByteBuf data) {
            throw new AssertionError("nobody sends anything");
        }
    }

    private static AsyncRunnable serving(ReservedPort port, CountDownLatch listening) {
        var numbers = new AtomicInteger();
        return () -> {
            var number = numbers.incrementAndGet();
            var server = Net.createServer(() -> new Numbered(number), port.address(), SHARING);
            listening.countDown();
            server.serveForever();
        };
    }

    private static int read(Socket socket) throws IOException {
        return socket.getInputStream().read();
    }

    private static Socket connect(ReservedPort port) throws IOException {
        return new Socket(port.address().getAddress(), port.address().getPort());
    }

    @Test
    void allLoopsServeTheSharedPort() throws Exception {
        var listening = new CountDownLatch(3);
        try (var port = ReservedPort.open(ServerFixture.ANY_PORT);
                var group = builder.start(3, serving(port, listening))) {
            listening.await();
            var served = new HashSet<Integer>();
            for (var count = 0; count < 150; count++) {
                try (var socket = connect(port)) {
                    served.add(read(socket));
                }
            }
            assertThat(served).containsExactlyInAnyOrder(1, 2, 3);
            assertThat(group.size()).isEqualTo(3);
            assertThat(group.shutdown(Duration.ofSeconds(20)).cut()).isEmpty();
        }
    }

    @Test
    void aShutdownNamesWhomItCutOnAllLoops() throws Exception {
        var listening = new CountDownLatch(2);
        var sockets = new ArrayList<Socket>();
        try (var port = ReservedPort.open(ServerFixture.ANY_PORT);
                var group = builder.start(2, serving(port, listening))) {
            listening.await();
            var served = new HashSet<Integer>();
            while (served.size() < 2 || sockets.size() < 5) {
                sockets.add(connect(port));
                served.add(read(sockets.getLast()));
            }
            group.beginShutdown(Duration.ofHours(1));
            var cut = group.shutdown(Duration.ofMillis(1)).cut();
            assertThat(cut)
                    .containsExactlyInAnyOrderElementsOf(
                            sockets.stream().map(Socket::getLocalSocketAddress).toList());
            assertThat(group.ended()).isCompleted();
            for (var socket : sockets) {
                assertThat(read(socket)).isEqualTo(-1);
                socket.close();
            }
            assertThatThrownBy(() -> connect(port).close()).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void eachLoopHasAThreadOfItsOwnAndTheContextOfTheCaller() throws Exception {
        var color = ContextVar.create("color", "none");
        color.set("green");
        var seen = ConcurrentHashMap.<String>newKeySet();
        AsyncRunnable body =
                () -> {
                    seen.add(color.get());
                    color.set("changed");
                    Async.yieldNow();
                };
        var together = new CountDownLatch(2);
        try (var group =
                builder.start(
                        2,
                        () -> {
                            together.countDown();
                            together.await(); // blocks: each has a thread of its own
                            body.run();
                        })) {
            group.join();
        }
        assertThat(seen).contains("green").doesNotContain("none", "changed");
    }

    @Test
    void aBodyThatFailsBringsTheGroupDownWithItsException() throws Exception {
        var listening = new CountDownLatch(1);
        var bodies = new AtomicInteger();
        try (var port = ReservedPort.open(ServerFixture.ANY_PORT);
                var group =
                        builder.start(
                                2,
                                () -> {
                                    if (bodies.getAndIncrement() == 0) {
                                        serving(port, listening).run();
                                    }
                                    listening.await();
                                    throw new IllegalStateException("no more");
                                })) {
            assertThatThrownBy(group::join)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no more");
            assertThat(group.ended()).isCompletedExceptionally();
        }
    }

    @Test
    void aCheckedFailureIsTheCauseOfACompletionExceptionAndCloseThrowsItIfNobodyHasSeenIt() {
        var group =
                builder.start(
                        1,
                        () -> {
                            throw new IOException("disk full");
                        });
        group.ended().handle((_, _) -> null).join();
        assertThatThrownBy(group::close)
                .isInstanceOf(CompletionException.class)
                .hasRootCauseMessage("disk full");
        group.close();
    }

    @Test
    void failuresOfSeveralLoopsComeTogether() {
        var together = new CountDownLatch(2);
        var group =
                builder.start(
                        2,
                        () -> {
                            together.countDown();
                            together.await();
                            throw new IllegalStateException("no more");
                        });
        assertThatThrownBy(group::join)
                .hasMessage("no more")
                .satisfies(failure ->
                        assertThat(failure.getSuppressed())
                                .filteredOn(IllegalStateException.class::isInstance)
                                .singleElement()
                                .satisfies(other -> assertThat(other).hasMessage("no more")));
    }

    @Test
    void aBodyThatReturnsLeavesTheOthersRunning() throws Exception {
        var listening = new CountDownLatch(1);
        var bodies = new AtomicInteger();
        try (var port = ReservedPort.open(ServerFixture.ANY_PORT);
                var group =
                        builder.start(
                                2,
                                () -> {
                                    if (bodies.getAndIncrement() == 0) {
                                        serving(port, listening).run();
                                    }
                                })) {
            listening.await();
            try (var socket = connect(port)) {
                assertThat(read(socket)).isEqualTo(1);
            }
            assertThat(group.ended()).isNotDone();
        }
    }

    @Test
    void closingCancelsBodiesAndRunsTheirCleanUp() {
        var started = new CountDownLatch(2);
        var cleanedUp = new AtomicInteger();
        try (var _ =
                builder.start(
                        2,
                        () -> {
                            try {
                                started.countDown();
                                Async.sleep(Duration.ofDays(1));
                            } finally {
                                Async.yieldNow();
                                cleanedUp.incrementAndGet();
                            }
                        })) {
            started.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
        assertThat(cleanedUp).hasValue(2);
    }

    @Test
    void closingDuringStartUpEndsAtOnce() {
        for (var round = 0; round < 20; round++) {
            var group = builder.start(2, () -> Async.sleep(Duration.ofDays(1)));
            group.close();
            assertThat(group.ended()).isCompleted();
        }
    }

    @Test
    void aServerMadeDuringTheGraceDoesNotKeepTheGroup() throws Exception {
        var made = new CountDownLatch(1);
        try (var port = ReservedPort.open(ServerFixture.ANY_PORT)) {
            var group =
                    builder.start(
                            1,
                            () -> {
                                Net.createServer(RecordingProtocol::new, port.address(), SHARING)
                                        .serveForever();
                                var late =
                                        Net.createServer(
                                                RecordingProtocol::new, port.address(), SHARING);
                                made.countDown();
                                late.serveForever();
                            });
            try (group) {
                Socket socket = null;
                while (socket == null) {
                    try {
                        socket = connect(port);
                    } catch (ConnectException notYet) {
                        Thread.onSpinWait();
                    }
                }
                group.shutdown(Duration.ZERO);
                socket.close();
            }
            made.await();
        }
    }

    @Test
    void aLoopThatCannotBeMadeBringsTheGroupDown() {
        var loops = new AtomicInteger();
        var group =
                builder.withLoops(
                                () -> {
                                    if (loops.incrementAndGet() == 2) {
                                        throw new IllegalStateException("no selector");
                                    }
                                    return SelectorEventLoop.builder().build();
                                })
                        .start(2, () -> Async.sleep(Duration.ofDays(1)));
        assertThatThrownBy(group::join).hasMessage("no selector");
        group.close();
    }

    @Test
    void whoWaitsOnALoopIsRefused() {
        try (var group = builder.start(1, () -> Async.sleep(Duration.ofDays(1)))) {
            TestRun.onSockets(_ -> {
                assertThatThrownBy(group::join)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("LoopFuture.from(group.ended())");
                assertThatThrownBy(group::close).isInstanceOf(IllegalStateException.class);
                group.beginShutdown(Duration.ZERO);
                LoopFuture.from(group.ended()).await();
            });
        }
        assertThatThrownBy(() -> builder.start(0, () -> {})).hasMessageContaining("not 0");
    }

    @Test
    void anInterruptEndsTheWaitingAlone() {
        try (var group = builder.start(1, () -> Async.sleep(Duration.ofDays(1)))) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(group::join).isInstanceOf(InterruptedException.class);
            assertThat(group.ended()).isNotDone();
            Thread.currentThread().interrupt();
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aSignalEndsAllLoopsAndThenTheJvm() {
        TestRun.onSockets(_ -> {
            Peer.requireInstalled("kill");
            try (var child = ForkedJvm.start(GroupUntilSignal.class, 400, List.of())) {
                child.awaitLine("both run");
                new ProcessBuilder("kill", "-TERM", Long.toString(child.pid())).start().waitFor();
                var output = child.awaitEnd();
                assertThat(output).contains("clean 1", "clean 2");
                assertThat(child.awaitExit()).isEqualTo(143);
            }
        });
    }

    /// Two loops that run until a signal.
    static final class GroupUntilSignal {
        private GroupUntilSignal() {}

        public static void main(String[] arguments) throws InterruptedException {
            var numbers = new AtomicInteger();
            var started = new CountDownLatch(2);
            var group =
                    LoopGroup.start(
                            2,
                            () -> {
                                var number = numbers.incrementAndGet();
                                started.countDown();
                                try {
                                    Async.sleep(Duration.ofDays(1));
                                } finally {
                                    Async.sleep(Duration.ofMillis(100));
                                    IO.println("clean " + number);
                                }
                            });
            started.await();
            IO.println("both run");
            group.join();
        }
    }

    @Test
    void aReservedPortIsSharedWithServersAndClosedToClients() throws Exception {
        try (var port = ReservedPort.open(ServerFixture.ANY_PORT)) {
            assertThat(port.address().getPort()).isPositive();
            assertThatThrownBy(() -> connect(port).close()).isInstanceOf(ConnectException.class);
            TestRun.onSockets(_ -> {
                assertThatThrownBy(() -> Net.createServer(RecordingProtocol::new, port.address()))
                        .isInstanceOf(BindException.class);
                Net.createServer(RecordingProtocol::new, port.address(), SHARING).close();
            });
            var again = port.address();
            try (var second = ReservedPort.open(again)) {
                assertThat(second.address()).isEqualTo(again);
            }
        }
        assertThatThrownBy(() -> ReservedPort.open(InetSocketAddress.createUnresolved("here", 0)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
