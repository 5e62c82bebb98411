package dev.jloop.benchmarks;

import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.transports.BufferedProtocol;
import dev.jloop.transports.Net;
import dev.jloop.transports.Protocol;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/// Our echo, with each way to receive and to send.
final class JloopEchoServer extends EchoServer {
    private final Kind kind;
    private final int messageBytes;
    private final EventLoop loop = SelectorEventLoop.builder().engine("mounted").build();

    JloopEchoServer(Kind kind, int messageBytes) {
        this.kind = kind;
        this.messageBytes = messageBytes;
    }

    @Override
    void serve(CompletableFuture<SocketAddress> bound) {
        loop.setExceptionHandler((_, _) -> {}); // of connections that are open at the end
        loop.createTask(() -> {
            var server = Net.createServer(this::protocol, EchoPath.loopback());
            bound.complete(server.addresses().getFirst());
            server.waitClosed();
        });
        loop.runForever();
    }

    private Protocol protocol() {
        return switch (kind) {
            case JLOOP_RETAIN -> new Retaining();
            case JLOOP_COPY -> new Copying();
            case JLOOP_ARRAY -> new Answering(messageBytes);
            case JLOOP_BUFFERED -> new Buffered();
            case PLAIN_SELECTOR, NETTY -> throw new IllegalArgumentException(kind + " is a peer");
        };
    }

    @Override
    public void close() {
        loop.callSoonThreadsafe(loop::stop);
        join();
        loop.close();
    }

    private abstract static class Connected implements Protocol {
        private @Nullable Transport transport;

        final void attach(Transport made) {
            transport = made;
        }

        final Transport transport() {
            return Objects.requireNonNull(transport);
        }
    }

    private static final class Retaining extends Connected implements StreamingProtocol {
        @Override
        public void connectionMade(Transport made) {
            attach(made);
        }

        @Override
        public void dataReceived(ByteBuf data) {
            transport().write(data.retain());
        }
    }

    private static final class Copying extends Connected implements StreamingProtocol {
        private final ByteBuffer copy = ByteBuffer.allocateDirect(256 * 1024);

        @Override
        public void connectionMade(Transport made) {
            attach(made);
        }

        @Override
        public void dataReceived(ByteBuf data) {
            copy.clear().limit(data.readableBytes());
            data.readBytes(copy);
            transport().write(copy.flip());
        }
    }

    private static final class Answering extends Connected implements StreamingProtocol {
        private final byte[] answer;
        private long missing;

        Answering(int messageBytes) {
            answer = new byte[messageBytes];
        }

        @Override
        public void connectionMade(Transport made) {
            attach(made);
        }

        @Override
        public void dataReceived(ByteBuf data) {
            missing += data.readableBytes();
            while (missing >= answer.length) {
                missing -= answer.length;
                transport().write(answer);
            }
        }
    }

    private static final class Buffered extends Connected implements BufferedProtocol {
        private final ByteBuffer memory = ByteBuffer.allocateDirect(256 * 1024);

        @Override
        public void connectionMade(Transport made) {
            attach(made);
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) {
            return memory.clear();
        }

        @Override
        public void bufferUpdated(int count) {
            transport().write(memory.flip());
        }
    }
}
