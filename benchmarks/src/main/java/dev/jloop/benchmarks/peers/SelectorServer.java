package dev.jloop.benchmarks.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// As little as will do on the JDK's channels: one selector, one buffer for all, and memory of its
/// own only for a connection whose peer does not read.
final class SelectorServer implements PeerServer {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    @Override
    public int listen(Service service) throws IOException {
        if (service != Service.ECHO) {
            throw PeerServer.notOffered(service);
        }
        var selector = Selector.open();
        var listener = ServerSocketChannel.open().bind(PeerServer.loopback(), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        Thread.ofPlatform().daemon().name("server").start(() -> serve(selector));
        return listener.socket().getLocalPort();
    }

    private void serve(Selector selector) {
        try {
            while (true) {
                selector.select(this::ready);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void ready(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept(key);
            } else {
                serve(key);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void serve(SelectionKey key) throws IOException {
        var channel = (SocketChannel) key.channel();
        try {
            if (key.attachment() instanceof ByteBuffer unsent) {
                flush(key, unsent);
            } else {
                echo(key, channel);
            }
        } catch (IOException _) { // a client that has reset its connection ends that alone
            channel.close();
        }
    }

    private static void accept(SelectionKey key) throws IOException {
        var accepted = ((ServerSocketChannel) key.channel()).accept();
        if (accepted != null) {
            accepted.configureBlocking(false);
            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
            accepted.register(key.selector(), SelectionKey.OP_READ);
        }
    }

    private void echo(SelectionKey key, SocketChannel channel) throws IOException {
        buffer.clear();
        if (channel.read(buffer) < 0) {
            channel.close();
            return;
        }
        channel.write(buffer.flip());
        if (buffer.hasRemaining()) {
            key.attach(ByteBuffer.allocateDirect(buffer.remaining()).put(buffer).flip());
            key.interestOps(SelectionKey.OP_WRITE);
        }
    }

    private static void flush(SelectionKey key, ByteBuffer unsent) throws IOException {
        ((SocketChannel) key.channel()).write(unsent);
        if (!unsent.hasRemaining()) {
            key.attach(null);
            key.interestOps(SelectionKey.OP_READ);
        }
    }
}
