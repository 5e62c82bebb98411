package dev.jloop.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;

/// As little as will do: one selector, and one buffer for each connection.
final class PlainEchoServer extends EchoServer {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final Selector selector;
    private final ServerSocketChannel listener;

    PlainEchoServer() {
        try {
            selector = Selector.open();
            listener = ServerSocketChannel.open().bind(EchoPath.loopback());
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot listen", failure);
        }
    }

    @Override
    void serve(CompletableFuture<SocketAddress> bound) throws IOException {
        bound.complete(listener.getLocalAddress());
        while (selector.isOpen()) {
            selector.select(key -> {
                try {
                    ready(key);
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        }
    }

    private void ready(SelectionKey key) throws IOException {
        if (key.isAcceptable()) {
            var accepted = listener.accept();
            accepted.configureBlocking(false);
            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
            var buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            accepted.register(selector, SelectionKey.OP_READ, buffer);
            return;
        }
        echo(key, (SocketChannel) key.channel(), (ByteBuffer) key.attachment());
    }

    private static void echo(SelectionKey key, SocketChannel channel, ByteBuffer buffer)
            throws IOException {
        if (key.isReadable() && channel.read(buffer) < 0) {
            channel.close();
            return;
        }
        buffer.flip();
        channel.write(buffer);
        var operations = buffer.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        buffer.compact();
        if (key.interestOps() != operations) {
            key.interestOps(operations);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        join();
        listener.close();
    }
}
