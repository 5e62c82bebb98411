package dev.jloop.transports;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NetworkChannel;
import java.util.ArrayDeque;

/// A transport of any implementation, seen from above as a link: it is its protocol, and lets the
/// next transport read and write.
///
/// What the transport delivers waits here until it is read; it is paused while anything waits.
final class TransportLink implements Network.Link, StreamingProtocol {
    private final EventLoop loop;
    private final Transport transport;
    private final ArrayDeque<ByteBuf> received = new ArrayDeque<>();
    private final Watch reader = new Watch();
    private final Watch writer = new Watch();
    private final Protocol before;
    private boolean ended;
    private boolean writingPaused;

    /// Whether the protocol before was told to pause, and nobody else will tell it to go on.
    private boolean pausedBefore;

    private boolean closed;
    private boolean lost;
    private @Nullable Throwable lossCause;
    private @Nullable IOException failure;

    private TransportLink(EventLoop loop, Transport transport) {
        this.loop = loop;
        this.transport = transport;
        before = transport.protocol();
    }

    /// Runs a callback once in each turn in which it is ready.
    private final class Watch {
        private @Nullable Runnable callback;
        private Context context = Context.copyCurrent();
        private boolean scheduled;

        void start(Runnable next) {
            callback = next;
            context = Context.copyCurrent();
            check();
        }

        void stop() {
            callback = null;
        }

        void check() {
            if (callback != null && !scheduled && isReady(this)) {
                scheduled = true;
                loop.callSoon(this::run, context);
            }
        }

        private void run() {
            scheduled = false;
            if (callback != null && isReady(this)) {
                callback.run();
                check();
            }
        }
    }

    private boolean isReady(Watch watch) {
        return failure != null || (watch == reader ? ended || !received.isEmpty() : !writingPaused);
    }

    /// Secures a transport. Suspends.
    ///
    /// @return a transport above it; failed or cancelled, it is aborted
    static Transport startTls(EventLoop loop, Transport transport, Protocol protocol, TlsSide side)
            throws IOException {
        StreamTransport.checked(protocol);
        if (transport.isClosing()) {
            throw new IllegalStateException("cannot start TLS: " + transport + " is closing");
        }
        var link = new TransportLink(loop, transport);
        link.attach();
        var peer = transport.extra(Key.PEER_ADDRESS);
        var complete = false;
        try {
            var secured =
                    new AwaitedTls(
                                    loop,
                                    link,
                                    side,
                                    peer == null ? transport.toString() : Addresses.text(peer))
                            .await();
            complete = true;
            return StreamTransport.takeOver(loop, secured, protocol);
        } finally {
            if (!complete) {
                link.giveUp();
            }
        }
    }

    private void attach() {
        transport.setProtocol(this); // tells whether writing is paused
        pausedBefore = writingPaused;
        transport.resumeReading();
    }

    /// Sees to it that the protocol before learns of the loss.
    private void giveUp() {
        transport.setProtocol(before);
        if (lost) {
            loop.callSoon(this::tellOfLoss);
        } else {
            transport.abort();
        }
    }

    private void tellOfLoss() {
        if (!isGone()) {
            before.connectionLost(lossCause);
        }
    }

    // ---- as a protocol

    @Override
    public void dataReceived(ByteBuf data) {
        if (closed) {
            return;
        }
        received.add(data.retain());
        transport.pauseReading();
        reader.check();
    }

    @Override
    public boolean eofReceived() {
        ended = true;
        reader.check();
        return transport.canWriteEof();
    }

    @Override
    public void connectionLost(@Nullable Throwable cause) {
        ended = true;
        lost = true;
        lossCause = cause;
        if (cause instanceof IOException broken) {
            failure = broken;
        } else if (cause != null) {
            failure = new SocketException("the connection below was lost: " + cause);
            failure.initCause(cause);
        }
        reader.check();
        writer.check();
    }

    @Override
    public void pauseWriting() {
        writingPaused = true;
    }

    @Override
    public void resumeWriting() {
        writingPaused = false;
        if (pausedBefore) {
            pausedBefore = false;
            before.resumeWriting();
        }
        writer.check();
    }

    // ---- as a link

    @Override
    public int read(ByteBuffer into) throws IOException {
        var count = 0;
        while (!received.isEmpty() && into.hasRemaining()) {
            count += readFirst(into);
        }
        if (received.isEmpty() && !closed) {
            transport.resumeReading();
        }
        if (count > 0) {
            return count;
        }
        if (failure != null) {
            throw failure;
        }
        return ended && received.isEmpty() ? -1 : 0;
    }

    private int readFirst(ByteBuffer into) {
        var first = received.element();
        var count = Math.min(first.readableBytes(), into.remaining());
        var limit = into.limit();
        first.readBytes(into.limit(into.position() + count));
        into.limit(limit);
        if (!first.isReadable()) {
            received.remove().release();
        }
        return count;
    }

    @Override
    public long write(ByteBuffer[] data, int offset, int count) throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (transport.isClosing()) {
            throw new SocketException("the connection below is closed: " + transport);
        }
        var written = 0L;
        for (var index = offset; index < offset + count && !writingPaused; index++) {
            written += data[index].remaining();
            transport.write(data[index]);
        }
        return written;
    }

    @Override
    public long transferFrom(FileChannel file, long offset, long count) {
        throw new UnsupportedOperationException("only TLS is above, which encrypts first");
    }

    @Override
    public void shutdownOutput() {
        transport.writeEof();
    }

    @Override
    public boolean canShutdownOutput() {
        return transport.canWriteEof();
    }

    @Override
    public void addReader(Runnable callback) {
        reader.start(callback);
    }

    @Override
    public void removeReader() {
        reader.stop();
    }

    @Override
    public void addWriter(Runnable callback) {
        writer.start(callback);
    }

    @Override
    public void removeWriter() {
        writer.stop();
    }

    @Override
    public void close() {
        if (!closed) {
            end();
            transport.close();
        }
    }

    @Override
    public void reset() {
        if (!closed) {
            end();
            transport.abort();
        }
    }

    private void end() {
        closed = true;
        reader.stop();
        writer.stop();
        received.forEach(ByteBuf::release);
        received.clear();
    }

    @Override
    public SocketAddress localAddress() {
        return address(Key.LOCAL_ADDRESS);
    }

    @Override
    public SocketAddress remoteAddress() {
        return address(Key.PEER_ADDRESS);
    }

    /// Other implementations may know no address.
    private SocketAddress address(Key<SocketAddress> key) {
        var address = transport.extra(key);
        return address == null ? InetSocketAddress.createUnresolved("unknown", 0) : address;
    }

    @Override
    public @Nullable NetworkChannel channel() {
        return transport.extra(Key.CHANNEL);
    }

    @Override
    public boolean isGone() {
        return transport instanceof StreamTransport stream && stream.isGone();
    }

    @Override
    public <T> @Nullable T extra(Key<T> key) {
        return transport.extra(key);
    }

    @Override
    public String toString() {
        return transport.toString();
    }
}
