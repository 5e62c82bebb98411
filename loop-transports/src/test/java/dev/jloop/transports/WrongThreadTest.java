package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.SelectorEventLoop;

import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;

/// In debug mode a call from a foreign thread is refused before it has changed anything.
class WrongThreadTest {
    private static final InetSocketAddress LOOPBACK =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

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

    private static Callable<?> of(Runnable call) {
        return () -> {
            call.run();
            return null;
        };
    }

    private static Map<String, Callable<?>> methodsOf(Transport transport) {
        var calls = new LinkedHashMap<String, Callable<?>>();
        calls.put("write(ByteBuf)", of(() -> transport.write(Unpooled.EMPTY_BUFFER)));
        calls.put("write(ByteBuffer)", of(() -> transport.write(ByteBuffer.allocate(1))));
        calls.put("write", of(() -> transport.write(new byte[1])));
        calls.put("writev", of(() -> transport.writev(List.of(ByteBuffer.allocate(1)))));
        calls.put("writeEof", of(transport::writeEof));
        calls.put("canWriteEof", transport::canWriteEof);
        calls.put("close", of(transport::close));
        calls.put("abort", of(transport::abort));
        calls.put("isClosing", transport::isClosing);
        calls.put("pauseReading", of(transport::pauseReading));
        calls.put("resumeReading", of(transport::resumeReading));
        calls.put("isReading", transport::isReading);
        calls.put("setWriteBufferLimits", of(() -> transport.setWriteBufferLimits(1, 1)));
        calls.put("writeBufferSize", transport::writeBufferSize);
        calls.put("extra", () -> transport.extra(Key.PEER_ADDRESS));
        calls.put("protocol", transport::protocol);
        calls.put("setProtocol", of(() -> transport.setProtocol(new RecordingProtocol())));
        return calls;
    }

    private static Map<String, Callable<?>> methodsOf(DatagramTransport transport) {
        var group = InetAddress.ofLiteral("239.1.2.3");
        var calls = new LinkedHashMap<String, Callable<?>>();
        calls.put("send(ByteBuffer)", of(() -> transport.send(ByteBuffer.allocate(1))));
        calls.put("send(ByteBuf)", of(() -> transport.send(Unpooled.EMPTY_BUFFER)));
        calls.put(
                "sendTo(ByteBuffer)", of(() -> transport.sendTo(ByteBuffer.allocate(1), LOOPBACK)));
        calls.put("sendTo(ByteBuf)", of(() -> transport.sendTo(Unpooled.EMPTY_BUFFER, LOOPBACK)));
        calls.put("close", of(transport::close));
        calls.put("abort", of(transport::abort));
        calls.put("isClosing", transport::isClosing);
        calls.put("pauseReading", of(transport::pauseReading));
        calls.put("resumeReading", of(transport::resumeReading));
        calls.put("isReading", transport::isReading);
        calls.put("setWriteBufferLimits", of(() -> transport.setWriteBufferLimits(1, 1)));
        calls.put("writeBufferSize", transport::writeBufferSize);
        calls.put("droppedDatagrams", transport::droppedDatagrams);
        calls.put("joinGroup", () -> transport.joinGroup(group, DatagramContract.loopback()));
        calls.put(
                "joinGroup(source)",
                () -> transport.joinGroup(group, DatagramContract.loopback(), group));
        calls.put("extra", () -> transport.extra(Key.PEER_ADDRESS));
        return calls;
    }

    private static Map<String, Callable<?>> methodsOf(Membership membership) {
        var calls = new LinkedHashMap<String, Callable<?>>();
        calls.put("isValid", membership::isValid);
        calls.put("close", of(membership::close));
        return calls;
    }

    private static Map<String, Callable<?>> methodsOf(Server server) {
        var calls = new LinkedHashMap<String, Callable<?>>();
        calls.put("addresses", server::addresses);
        calls.put("isServing", server::isServing);
        calls.put("startServing", of(server::startServing));
        calls.put("serveForever", of(server::serveForever));
        calls.put("close", of(server::close));
        calls.put("closeClients", of(server::closeClients));
        calls.put("abortClients", of(server::abortClients));
        calls.put("waitClosed", of(server::waitClosed));
        calls.put("shutdown", () -> server.shutdown(Duration.ZERO));
        return calls;
    }

    private static void assertAllRefused(String type, Map<String, Callable<?>> calls)
            throws InterruptedException {
        for (var call : calls.entrySet()) {
            var method = call.getKey().replaceAll("\\(.*", "");
            assertThat(failureOnAnotherThread(call.getValue()))
                    .as(call.getKey())
                    .isInstanceOf(WrongThreadException.class)
                    .hasMessageContaining(type + "." + method);
        }
    }

    @Test
    void everyMethodRefusesAForeignThreadInDebugMode() {
        TestRun.run(
                SelectorEventLoop.builder().debug(true).build(),
                _ -> {
                    try (var server = Net.createServer(RecordingProtocol::new, LOOPBACK)) {
                        var client = connect(server);
                        assertAllRefused("Transport", methodsOf(client.transport));
                        assertAllRefused("Server", methodsOf(server));
                        client.transport.close();
                        server.shutdown(Duration.ofSeconds(10));
                        client.awaitLost();
                    }
                });
    }

    @Test
    void everyMethodForDatagramsRefusesAForeignThreadInDebugMode() {
        TestRun.run(
                SelectorEventLoop.builder().debug(true).build(),
                _ -> {
                    var endpoint = DatagramContract.open(new InetSocketAddress(0), null);
                    var transport = endpoint.transport;
                    var membership =
                            transport.joinGroup(
                                    InetAddress.ofLiteral("239.1.2.3"),
                                    DatagramContract.loopback());
                    assertAllRefused("DatagramTransport", methodsOf(transport));
                    assertAllRefused("Membership", methodsOf(membership));
                    assertThat(membership.isValid()).isTrue();
                    assertThat(transport.isClosing()).isFalse();
                    DatagramContract.endAll(endpoint);
                });
    }

    @Test
    void aRefusedWriteLeavesNothingBehindThatKeepsTheConnectionFromClosing() {
        TestRun.run(
                SelectorEventLoop.builder().debug(true).build(),
                _ -> {
                    try (var server = Net.createServer(RecordingProtocol::new, LOOPBACK)) {
                        var client = connect(server);
                        assertThat(
                                        failureOnAnotherThread(
                                                of(() -> client.transport.write(new byte[1]))))
                                .isInstanceOf(WrongThreadException.class);
                        assertThat(client.transport.writeBufferSize()).isZero();
                        client.transport.close();
                        server.shutdown(Duration.ofSeconds(10));
                        client.awaitLost();
                    }
                });
    }

    private static RecordingProtocol connect(Server server) throws IOException {
        var address = server.addresses().getFirst();
        return Net.createConnection(RecordingProtocol::new, address).protocol();
    }
}
