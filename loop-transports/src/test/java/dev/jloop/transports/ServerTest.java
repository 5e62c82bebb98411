package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.CancelledError;
import dev.jloop.core.ContextVar;
import dev.jloop.core.LoopException;
import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

@ExtendWith(LeakCheck.class)
class ServerTest {
    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final List<RecordingProtocol> accepted = new ArrayList<>();

    private RecordingProtocol newProtocol() {
        var protocol = new RecordingProtocol();
        accepted.add(protocol);
        return protocol;
    }

    private Server startServer() throws IOException {
        return Net.createServer(this::newProtocol, ANY_PORT);
    }

    private RecordingProtocol connectTo(SocketAddress address) throws IOException {
        var before = accepted.size();
        var client = Net.createConnection(RecordingProtocol::new, address).protocol();
        while (accepted.size() == before || accepted.getLast().transport == null) {
            Async.yieldNow();
        }
        return client;
    }

    private static void onMemory(TestRun.Body body) {
        MemoryNetwork.run(body);
    }

    private static void turns(int count) {
        for (var turn = 0; turn < count; turn++) {
            Async.yieldNow();
        }
    }

    @Test
    void waitClosedReturnsOnlyWhenClosedAndWithoutConnections() {
        onMemory(run -> {
            var server = startServer();
            var client = connectTo(server.addresses().getFirst());
            var waiting = run.loop.createTask(server::waitClosed, "waiting");
            turns(10);
            assertThat(waiting.isDone()).isFalse();
            server.close();
            turns(10);
            assertThat(waiting.isDone()).isFalse();
            client.transport.close();
            waiting.await();
            server.waitClosed();
        });
    }

    @Test
    void closeClientsEndsTheConnectionsOfAClosedServer() {
        onMemory(run -> {
            var server = startServer();
            var client = connectTo(server.addresses().getFirst());
            server.close();
            server.closeClients();
            server.waitClosed();
            client.await("lost");
            assertThat(client.events).containsExactly("made", "eof", "lost");
        });
    }

    @Test
    void abortClientsEndsConnectionsThatAreStuckWithinTwoTurns() {
        onMemory(run -> {
            var server = startServer();
            var client = connectTo(server.addresses().getFirst());
            ConnectionPairs.fill(accepted.getFirst(), client);
            server.close();
            server.closeClients();
            var waiting = run.loop.createTask(server::waitClosed, "waiting");
            turns(10);
            assertThat(waiting.isDone()).isFalse();
            server.abortClients();
            turns(3);
            assertThat(waiting.isDone()).isTrue();
            client.transport.abort();
            client.awaitLost();
        });
    }

    @Test
    void aServerThatWasNotStartedLetsConnectionsWait() {
        onMemory(run -> {
            var server =
                    Net.createServer(
                            this::newProtocol,
                            ANY_PORT,
                            ListenOptions.DEFAULTS.withStartServing(false));
            assertThat(server.isServing()).isFalse();
            var client =
                    Net.createConnection(RecordingProtocol::new, server.addresses().getFirst());
            turns(10);
            assertThat(accepted).isEmpty();
            server.startServing();
            server.startServing();
            assertThat(server.isServing()).isTrue();
            turns(5);
            assertThat(accepted).hasSize(1);
            server.close();
            assertThat(server.isServing()).isFalse();
            assertThat(server.addresses()).isEmpty();
            assertThatThrownBy(server::startServing).hasMessageContaining("the server is closed");
            assertThatThrownBy(server::serveForever).hasMessageContaining("the server is closed");
            client.transport().abort();
            server.waitClosed();
        });
    }

    @Test
    void serveForeverReturnsWhenTheServerIsClosed() {
        onMemory(run -> {
            var server = startServer();
            var serving = run.loop.createTask(server::serveForever, "serving");
            turns(3);
            assertThatThrownBy(server::serveForever)
                    .hasMessageContaining("another coroutine is in serveForever()");
            server.close();
            serving.await();
        });
    }

    @Test
    void cancellingServeForeverClosesTheServerAndWaitsForItsConnections() {
        onMemory(run -> {
            var server = startServer();
            var client = connectTo(server.addresses().getFirst());
            var serving = run.loop.createTask(server::serveForever, "serving");
            turns(3);
            serving.cancel();
            turns(10);
            assertThat(server.addresses()).isEmpty();
            assertThat(serving.isDone()).isFalse();
            client.transport.close();
            assertThatThrownBy(serving::await).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    void shutdownWaitsForTheGraceAndReportsWhomItCut() {
        onMemory(run -> {
            var server = startServer();
            var quick = connectTo(server.addresses().getFirst());
            var idle = connectTo(server.addresses().getFirst());
            run.loop.callLater(Duration.ofSeconds(1), quick.transport::close);
            var start = run.loop.time();
            var report = server.shutdown(Duration.ofSeconds(5));
            assertThat(run.loop.time() - start).isEqualTo(Duration.ofSeconds(5).toNanos());
            assertThat(report.cut()).containsExactly(idle.transport.extra(Key.LOCAL_ADDRESS));
            idle.awaitLost();
        });
    }

    @Test
    void shutdownReturnsAsSoonAsTheLastConnectionHasEnded() {
        onMemory(run -> {
            var server = startServer();
            var client = connectTo(server.addresses().getFirst());
            run.loop.callLater(Duration.ofSeconds(1), client.transport::close);
            var start = run.loop.time();
            assertThat(server.shutdown(Duration.ofHours(1)).cut()).isEmpty();
            assertThat(run.loop.time() - start).isEqualTo(Duration.ofSeconds(1).toNanos());
        });
    }

    @Test
    void aFactoryThatFailsIsReportedAndClosesThatConnectionOnly() {
        onMemory(run -> {
            var failing = new boolean[] {true};
            var server =
                    Net.createServer(
                            () -> {
                                if (failing[0]) {
                                    throw new IllegalStateException("no protocol today");
                                }
                                return newProtocol();
                            },
                            ANY_PORT);
            var address = server.addresses().getFirst();
            var refused = Net.createConnection(RecordingProtocol::new, address).protocol();
            refused.awaitLost();
            failing[0] = false;
            var served = connectTo(address);
            assertThat(run.takeReports())
                    .singleElement()
                    .satisfies(report ->
                            assertThat(report.exception()).hasMessage("no protocol today"));
            served.transport.close();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void whenAcceptingFailsTheServerSaysSoOnceAndTriesAgainEverySecond() {
        onMemory(run -> {
            var server = startServer();
            var address = server.addresses().getFirst();
            var listener = ((MemoryNetwork) Network.of(run.loop)).listenerOn(address);
            listener.failure = new IOException("Too many open files");
            var client = Net.createConnection(RecordingProtocol::new, address).protocol();
            turns(3);
            assertThat(listener.isWatched()).isFalse();
            Async.sleep(Duration.ofMillis(3500));
            assertThat(run.takeReports())
                    .singleElement()
                    .satisfies(report -> {
                        assertThat(report.exception()).hasMessage("Too many open files");
                        assertThat(report.message()).contains("tries again every second");
                    });
            listener.failure = null;
            Async.sleep(Duration.ofSeconds(1));
            assertThat(accepted).hasSize(1);
            client.transport.close();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void aServerThatIsClosedWhileItRestsStaysClosed() {
        onMemory(run -> {
            var server = startServer();
            var address = server.addresses().getFirst();
            var listener = ((MemoryNetwork) Network.of(run.loop)).listenerOn(address);
            listener.failure = new IOException("Too many open files");
            var client = Net.createConnection(RecordingProtocol::new, address).protocol();
            turns(3);
            server.close();
            Async.sleep(Duration.ofSeconds(2));
            assertThat(listener.isWatched()).isFalse();
            assertThat(run.takeReports()).hasSize(1);
            client.awaitLost();
        });
    }

    @Test
    void aPortInUseIsNamedAndNothingStaysOpen() {
        TestRun.onSockets(run -> {
            var server = startServer();
            var taken = server.addresses().getFirst();
            assertThatThrownBy(() ->
                            Net.createServer(
                                    this::newProtocol,
                                    List.of(ANY_PORT, taken),
                                    ListenOptions.DEFAULTS))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining(
                            "cannot listen on "
                                    + Addresses.text(taken)
                                    + ": Address already in use")
                    .hasMessageContaining("choose another port");
            server.close();
        });
    }

    @Test
    void aProtocolRunsInTheContextInWhichTheServerWasCreated() {
        var where = ContextVar.create("where", "nowhere");
        onMemory(run -> {
            var seen = new ArrayList<String>();
            where.set("created");
            var options = ListenOptions.DEFAULTS.withStartServing(false);
            var server =
                    Net.createServer(
                            () -> {
                                var protocol = newProtocol();
                                protocol.onConnected = _ -> seen.add(where.get());
                                protocol.onData = _ -> seen.add(where.get());
                                return protocol;
                            },
                            ANY_PORT,
                            options);
            AsyncRunnable start =
                    () -> {
                        where.set("started");
                        server.startServing();
                    };
            run.loop.createTask(start, "start").await();
            where.set("connected");
            var client = connectTo(server.addresses().getFirst());
            client.transport.write(new byte[1]);
            accepted.getFirst().awaitBytes(1);
            assertThat(seen).containsExactly("created", "created");
            server.closeClients();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void bothAddressesOfAllInterfacesAreOne() {
        onMemory(_ -> {
            for (var port : List.of(80, 0)) {
                var server =
                        Net.createServer(
                                this::newProtocol,
                                List.of("0.0.0.0", "::", ""),
                                port,
                                ListenOptions.DEFAULTS);
                assertThat(server.addresses()).hasSize(1);
                server.close();
            }
        });
    }

    @Test
    void aServerOnAllInterfacesIsReachedInBothVersions() {
        TestRun.onSockets(_ -> {
            var server =
                    Net.createServer(
                            this::newProtocol, List.of("::", "0.0.0.0"), 0, ListenOptions.DEFAULTS);
            var port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
            connectTo(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port))
                    .transport
                    .close();
            if (hasVersion6()) {
                connectTo(new InetSocketAddress(InetAddress.ofLiteral("::1"), port))
                        .transport
                        .close();
            }
            server.close();
            server.waitClosed();
            assertThat(accepted).hasSize(hasVersion6() ? 2 : 1);
        });
    }

    private static boolean hasVersion6() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .anyMatch(address -> address.getHostAddress().startsWith("0:0:0:0:0:0:0:1"));
    }

    @Test
    void addressesOfVersionSixAreLeftOutWhereTheJvmHasNone() {
        TestRun.onSockets(_ -> {
            var options = List.of("-Djava.net.preferIPv4Stack=true");
            try (var child = ForkedJvm.start(ServerWithoutVersion6.class, 200, options)) {
                assertThat(child.awaitEnd())
                        .contains("listens on [127.0.0.1]")
                        .contains("cannot listen on [0:0:0:0:0:0:0:1]");
                assertThat(child.awaitExit()).isZero();
            }
        });
    }

    /// Listens on hosts of both versions, then on one of version 6 alone.
    static final class ServerWithoutVersion6 {
        private ServerWithoutVersion6() {}

        public static void main(String[] arguments) {
            Async.run(() -> {
                var server =
                        Net.createServer(
                                RecordingProtocol::new,
                                List.of("::1", "127.0.0.1"),
                                0,
                                ListenOptions.DEFAULTS);
                IO.println(
                        "listens on "
                                + server.addresses().stream()
                                        .map(InetSocketAddress.class::cast)
                                        .map(InetSocketAddress::getHostString)
                                        .toList());
                server.close();
                try {
                    Net.createServer(
                                    RecordingProtocol::new,
                                    List.of("::1"),
                                    0,
                                    ListenOptions.DEFAULTS)
                            .close();
                } catch (IOException expected) {
                    IO.println(expected.getMessage());
                }
            });
        }
    }

    @Test
    void aUnixPathInUseIsExplainedWithoutPorts(@TempDir Path folder) {
        TestRun.onSockets(_ -> {
            var address = UnixDomainSocketAddress.of(folder.resolve("socket"));
            try (var server = Net.createServer(this::newProtocol, address)) {
                assertThat(server.isServing()).isTrue();
                assertThatThrownBy(() -> Net.createServer(this::newProtocol, address))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("delete the file")
                        .message()
                        .doesNotContain("port");
            }
        });
    }

    @Test
    void twoServersThatShareAPortBothServe() {
        TestRun.onSockets(_ -> {
            var sharing = ListenOptions.DEFAULTS.withReusePort(true);
            var others = new ArrayList<RecordingProtocol>();
            var first = Net.createServer(this::newProtocol, ANY_PORT, sharing);
            var address = first.addresses().getFirst();
            var second =
                    Net.createServer(
                            () -> {
                                var protocol = new RecordingProtocol();
                                others.add(protocol);
                                return protocol;
                            },
                            address,
                            sharing);
            for (var count = 0; count < 100; count++) {
                Net.createConnection(RecordingProtocol::new, address).transport().close();
            }
            while (accepted.size() + others.size() < 100) {
                Async.yieldNow();
            }
            assertThat(accepted).isNotEmpty();
            assertThat(others).isNotEmpty();
            for (var server : List.of(first, second)) {
                server.close();
                server.waitClosed();
            }
        });
    }

    @Test
    void aPortIsSharedOnlyWhereBothServersAskForIt() {
        TestRun.onSockets(_ -> {
            var sharing = ListenOptions.DEFAULTS.withReusePort(true);
            try (var server = Net.createServer(this::newProtocol, ANY_PORT, sharing)) {
                var address = server.addresses().getFirst();
                Net.createServer(this::newProtocol, address, sharing).close();
                assertThatThrownBy(() -> Net.createServer(this::newProtocol, address))
                        .isInstanceOf(BindException.class);
            }
        });
    }

    @Test
    void anAddressGivenTwiceIsBoundOnceAndAllHostsAreServed() {
        onMemory(run -> {
            var server =
                    Net.createServer(
                            this::newProtocol,
                            List.of("127.0.0.1", "127.0.0.1", ""),
                            0,
                            ListenOptions.DEFAULTS);
            assertThat(server.addresses()).hasSize(2);
            server.close();
            assertThatThrownBy(() ->
                            Net.createServer(
                                    this::newProtocol, List.of(), 0, ListenOptions.DEFAULTS))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() ->
                            Net.createServer(
                                    this::newProtocol,
                                    List.of("127.0.0.1"),
                                    65_536,
                                    ListenOptions.DEFAULTS))
                    .hasMessageContaining("was 65536");
        });
    }

    @Test
    void whatWasNeverClosedIsReportedWhenTheLoopCloses() {
        var reports =
                TestRun.runAndTakeReports(
                        SelectorEventLoop.builder().build(),
                        _ -> {
                            var server = startServer();
                            connectTo(server.addresses().getFirst());
                        });
        assertThat(reports)
                .extracting(LoopException::message)
                .satisfiesExactlyInAnyOrder(
                        message -> assertThat(message).startsWith("a server was never closed"),
                        message -> assertThat(message).startsWith("a transport was never closed"),
                        message -> assertThat(message).startsWith("a transport was never closed"));
    }
}
