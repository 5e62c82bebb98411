package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import javax.net.ssl.SSLException;

/// Reads the first message of a client, for the name in it, and keeps the bytes for the engine.
final class ClientHelloReader {
    /// As much as the JDK takes of one message of a handshake, and the headers of many records.
    private static final int MOST_BYTES = 48 * 1024;

    private final EventLoop loop;
    private final Network.Link link;
    private final BiConsumer<Leftover, @Nullable String> read;
    private final Consumer<IOException> failed;
    private final Leftover received = new Leftover();

    /// @param read gets the bytes, and the name in lower case or null, when there is no reader on
    ///   the link any more
    /// @param failed gets why there is no message
    ClientHelloReader(
            EventLoop loop,
            Network.Link link,
            BiConsumer<Leftover, @Nullable String> read,
            Consumer<IOException> failed) {
        this.loop = loop;
        this.link = link;
        this.read = read;
        this.failed = failed;
    }

    void start() {
        link.addReader(this::readable);
    }

    private void readable() {
        ClientHello hello;
        try {
            receive();
            hello = ClientHello.in(received.peek());
            if (!hello.isComplete() && received.size() >= MOST_BYTES) {
                throw new SSLException(
                        "the first message of a TLS client is longer than "
                                + MOST_BYTES
                                + " bytes");
            }
        } catch (IOException broken) {
            link.removeReader();
            failed.accept(broken);
            return;
        }
        if (hello.isComplete()) {
            link.removeReader();
            read.accept(received, hello.serverName());
        }
    }

    private void receive() throws IOException {
        var scratch = ScratchBuffers.of(loop);
        var bytes = scratch.take();
        try {
            if (link.read(bytes.limit(MOST_BYTES - received.size())) < 0) {
                throw new SocketException(
                        "connection reset: the client ended the connection before its first"
                                + " message was complete");
            }
            received.append(bytes.flip());
        } finally {
            scratch.giveBack(bytes);
        }
    }
}
