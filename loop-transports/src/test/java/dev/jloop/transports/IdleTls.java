package dev.jloop.transports;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;

import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The two programs of [IdleTlsTest]: a server that tells how much of its heap is used, and its
/// many clients. Each runs in a JVM of its own, so that one does not weigh the other.
final class IdleTls {
    private static final int MILLIS_BETWEEN_CONNECTS = 5; // 200 each second

    private IdleTls() {}

    /// Runs one of the two.
    ///
    /// @param arguments `serve`, or `connect` with the authority's file, a port and a number
    public static void main(String[] arguments) {
        if (arguments[0].equals("serve")) {
            Async.run(IdleTls::serve);
        } else {
            Async.run(() ->
                    connect(
                            Path.of(arguments[1]),
                            Integer.parseInt(arguments[2]),
                            Integer.parseInt(arguments[3])));
        }
    }

    private static void say(String text) {
        System.out.println(text);
        System.out.flush();
    }

    private static long usedHeapBytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (var time = 0; time < 4; time++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }

    // ---- the server

    /// Sends back what it gets, and keeps nothing.
    private static final class Echo implements StreamingProtocol {
        private Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(ByteBuf data) {
            transport.write(data.retain());
        }
    }

    private static void serve() throws IOException {
        // Before it measures for the first time, it has done all it will do.
        var certificate = TestCertificates.authorityPem();
        var tls = TlsOptions.server(TestCertificates.server());
        try (var server =
                Net.createServer(
                        Echo::new,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ListenOptions.DEFAULTS.withBacklog(1000).withTls(tls))) {
            say(
                    "serving "
                            + ((InetSocketAddress) server.addresses().getFirst()).getPort()
                            + " "
                            + certificate);
            answerQuestions();
            server.closeClients();
        }
    }

    /// Each line of the input is a question; its end is the end.
    private static void answerQuestions() {
        LoopFuture<Void> end = EventLoop.current().createFuture();
        var loop = EventLoop.current();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    var input = new Scanner(System.in, UTF_8);
                    while (input.hasNextLine()) {
                        input.nextLine();
                        say("used " + usedHeapBytes());
                    }
                    loop.callSoonThreadsafe(() -> end.setResult(null));
                });
        end.await();
    }

    // ---- the clients

    private static SSLContext trusting(Path authority) throws IOException {
        try (var pem = Files.newInputStream(authority)) {
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            var factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            var context = SSLContext.getInstance("TLSv1.3");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static void awaitLine() {
        LoopFuture.from(
                        CompletableFuture.runAsync(
                                () -> {
                                    try {
                                        while (System.in.read() != '\n') {
                                            // another character
                                        }
                                    } catch (IOException failure) {
                                        throw new UncheckedIOException(failure);
                                    }
                                },
                                task -> Thread.ofPlatform().daemon().start(task)))
                .await();
    }

    private static void connect(Path authority, int port, int count) throws IOException {
        var clients = new ArrayList<RecordingProtocol>();
        var handshakeNanos = new long[count];
        var connecting = new ArrayList<Task<Void>>();
        for (var number = 0; number < count; number++) {
            var index = number;
            var protocol = new RecordingProtocol();
            clients.add(protocol);
            connecting.add(
                    EventLoop.current()
                            .createTask(() -> {
                                // Each has a context of its own: sessions are not resumed.
                                var options =
                                        ConnectOptions.DEFAULTS.withTls(
                                                TlsOptions.client(trusting(authority)));
                                var begin = System.nanoTime();
                                Net.createConnection(() -> protocol, "127.0.0.1", port, options);
                                handshakeNanos[index] = System.nanoTime() - begin;
                            }));
            Async.sleep(Duration.ofMillis(MILLIS_BETWEEN_CONNECTS));
        }
        for (var each : connecting) {
            each.await();
        }
        Arrays.sort(handshakeNanos);
        say(
                "connected "
                        + count
                        + ", handshakes: median "
                        + handshakeNanos[count / 2] / 1_000_000
                        + " ms, p99 "
                        + handshakeNanos[count * 99 / 100] / 1_000_000
                        + " ms");
        for (var round = 0; round < 2; round++) {
            awaitLine();
            for (var client : clients) {
                client.received.reset();
                client.transport.write(new byte[] {1});
            }
            for (var client : clients) {
                client.awaitBytes(1);
            }
            say("echoed " + count);
        }
        awaitLine();
        clients.forEach(client -> client.transport.abort());
    }
}
