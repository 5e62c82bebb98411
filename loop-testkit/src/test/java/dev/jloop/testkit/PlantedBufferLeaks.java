package dev.jloop.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.executor.Offload;
import dev.jloop.transports.DatagramProtocol;
import dev.jloop.transports.Key;
import dev.jloop.transports.Net;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/// Tests that retain received buffers, and release them or not. [LeakCheckTest] runs them.
final class PlantedBufferLeaks {
    private static final SocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private PlantedBufferLeaks() {}

    /// Does something with each buffer, in the class of the test that says what.
    private static final class Taking implements StreamingProtocol, DatagramProtocol {
        private final Consumer<ByteBuf> taker;
        private Runnable whenLost = () -> {};

        Taking(Consumer<ByteBuf> taker) {
            this.taker = taker;
        }

        @Override
        public void dataReceived(ByteBuf data) {
            taker.accept(data);
        }

        @Override
        public void datagramReceived(ByteBuf data, SocketAddress sender) {
            taker.accept(data);
        }

        @Override
        public void connectionLost(@Nullable Throwable cause) {
            whenLost.run();
        }
    }

    /// Sends `hello`, and reads nothing.
    private static final class Greeting implements StreamingProtocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            made.pauseReading();
            made.write("hello".getBytes(US_ASCII));
        }

        @Override
        public void dataReceived(ByteBuf data) {
            throw new AssertionError("reading is paused");
        }

        Transport transport() {
            return Objects.requireNonNull(transport, "not connected");
        }
    }

    /// Sends `hello` to a protocol that does `taker` with it, lets time pass, and closes both ends.
    private static void sendHello(Consumer<ByteBuf> taker) throws IOException {
        try (var server = Net.createServer(() -> new Taking(taker), ANY_PORT)) {
            var client = connectTo(server.addresses().getFirst(), data -> {});
            client.write("hello".getBytes(US_ASCII));
            pause();
            client.close();
            pause();
        }
    }

    private static Transport connectTo(SocketAddress address, Consumer<ByteBuf> taker)
            throws IOException {
        return Net.createConnection(() -> new Taking(taker), (InetSocketAddress) address)
                .transport();
    }

    private static void pause() {
        Async.sleep(Duration.ofSeconds(1));
    }

    static class RetainedBuffer {
        @LoopTest
        void leaks(SimulatedNetwork network) throws IOException {
            sendHello(RetainedBuffer::keep);
        }

        private static void keep(ByteBuf data) {
            data.retain();
        }
    }

    static class RetainedSlice {
        @LoopTest
        void leaks(SimulatedNetwork network) throws IOException {
            sendHello(RetainedSlice::keep);
        }

        private static void keep(ByteBuf data) {
            data.retainedSlice(1, 2);
        }
    }

    static class RetainedDuplicateOfASlice {
        @LoopTest
        void leaks(SimulatedNetwork network) throws IOException {
            sendHello(RetainedDuplicateOfASlice::keep);
        }

        private static void keep(ByteBuf data) {
            data.slice(0, 1).retainedDuplicate();
        }
    }

    static class RetainedTwiceAndReleasedOnce {
        @LoopTest
        void leaks(SimulatedNetwork network) throws IOException {
            sendHello(data -> {
                keep(data);
                keepAgain(data);
                data.release();
            });
        }

        private static void keep(ByteBuf data) {
            data.retain();
        }

        private static void keepAgain(ByteBuf data) {
            data.retain();
        }
    }

    static class RetainedDatagram {
        @LoopTest
        void leaks(SimulatedNetwork network) throws IOException {
            var receiver =
                    Net.createDatagramEndpoint(
                            () -> new Taking(RetainedDatagram::keep), ANY_PORT, null);
            var sender = Net.createDatagramEndpoint(() -> new Taking(_ -> {}), ANY_PORT, null);
            sender.transport()
                    .sendTo(
                            ByteBuffer.wrap(new byte[7]),
                            receiver.transport().extra(Key.LOCAL_ADDRESS));
            pause();
            sender.transport().close();
            receiver.transport().close();
        }

        private static void keep(ByteBuf data) {
            data.retain();
        }
    }

    /// The protocol could release it, as its connection is open, and the test has left that so on
    /// purpose.
    static class RetainedByAConnectionThatMayStay {
        @LoopTest
        void leaks(VirtualTimeLoop loop, SimulatedNetwork network) throws IOException {
            try (var server = Net.createServer(Greeting::new, ANY_PORT)) {
                loop.allowLeak(
                        connectTo(
                                server.addresses().getFirst(),
                                RetainedByAConnectionThatMayStay::keep));
                pause();
                server.abortClients();
            }
        }

        private static void keep(ByteBuf data) {
            data.retain();
        }
    }

    static class BuffersInOrder {
        private final List<ByteBuf> kept = new ArrayList<>();

        @LoopTest
        void releasedLater(SimulatedNetwork network) throws IOException {
            sendHello(data -> kept.add(data.retain()));
            kept.getFirst().release();
        }

        @LoopTest
        void releasedAsASlice(SimulatedNetwork network) throws IOException {
            sendHello(data -> kept.add(data.readRetainedSlice(3)));
            kept.getFirst().release();
        }

        @LoopTest
        void releasedWithAComposite(SimulatedNetwork network) throws IOException {
            sendHello(data ->
                    kept.add(
                            Unpooled.compositeBuffer()
                                    .addComponent(true, data.retainedDuplicate())));
            kept.getFirst().release();
        }

        @LoopTest
        void releasedByAnotherThread(SimulatedNetwork network) throws IOException {
            sendHello(data -> kept.add(data.retain()));
            Offload.toThread(() -> {
                kept.getFirst().release();
            });
        }

        @LoopTest
        void handedOnToAnotherConnection(SimulatedNetwork network) throws IOException {
            try (var sink = Net.createServer(() -> new Taking(_ -> {}), ANY_PORT)) {
                var onward = connectTo(sink.addresses().getFirst(), _ -> {});
                sendHello(data -> onward.write(data.retain()));
                onward.close();
                pause();
            }
        }

        /// The bytes are still in the queue when the loop is closed.
        @LoopTest
        void queuedAtTheEnd(VirtualTimeLoop loop, SimulatedNetwork network) throws IOException {
            var silent = new Greeting();
            try (var sink = Net.createServer(() -> silent, ANY_PORT)) {
                var onward = loop.allowLeak(connectTo(sink.addresses().getFirst(), _ -> {}));
                sendHello(data -> {
                    onward.write(new byte[8 * 1024 * 1024]);
                    onward.write(data.retain());
                });
                loop.allowLeak(silent.transport());
            }
        }

        /// What it would release in `connectionLost` is no leak where that cannot come any more.
        @LoopTest
        void ofAConnectionThatHasNoTimeToEnd(SimulatedNetwork network) throws IOException {
            network.setLatency(Duration.ofMillis(10));
            var clients = new ArrayList<Transport>();
            var protocol =
                    new Taking(data -> {
                        kept.add(data.retain());
                        clients.getFirst().write(new byte[8 * 1024 * 1024]);
                        clients.getFirst().close();
                    });
            protocol.whenLost = () -> kept.forEach(ByteBuf::release);
            var server = new Greeting();
            try (var listening = Net.createServer(() -> server, ANY_PORT)) {
                clients.add(
                        Net.createConnection(
                                        () -> protocol,
                                        (InetSocketAddress) listening.addresses().getFirst())
                                .transport());
                pause();
                server.transport().abort();
            }
        }

        @LoopTest
        void allowed(VirtualTimeLoop loop, SimulatedNetwork network) throws IOException {
            sendHello(data -> loop.allowLeak(data.retain()));
        }

        @LoopTest
        void allowedAsASlice(VirtualTimeLoop loop, SimulatedNetwork network) throws IOException {
            sendHello(data -> loop.allowLeak(data.retainedSlice()));
        }
    }
}
