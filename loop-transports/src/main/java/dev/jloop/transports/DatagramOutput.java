package dev.jloop.transports;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/// The sending half of a [DatagramLinkTransport]: each datagram at once, or from the queue when the
/// network takes it.
///
/// The protocol is called only when the queue is in order again: it may send, close and abort.
final class DatagramOutput {
    private static final Logger LOG = LoggerFactory.getLogger(DatagramOutput.class);
    private static final int DEFAULT_HIGH_BYTES = 64 * 1024;
    private static final int LOW_FRACTION = 4;

    /// A bound on the work of one turn.
    private static final int MOST_PER_TURN = 64;

    private static final String RELEASED_BY_OTHERS =
            "a datagram that waited to be sent was released by someone else; send() takes over what"
                    + " it is given, so call retain() first to use it further";

    private final DatagramLinkTransport transport;
    private final Network.DatagramLink link;
    private final DatagramQueue queue = new DatagramQueue();
    private final Runnable writer = this::linkWritable;

    /// Errors the protocol has not been told yet.
    private final ArrayDeque<IOException> untold = new ArrayDeque<>(2);

    private final int boundBytes;
    private final DropCount droppedFull = new DropCount(0);
    private final DropCount droppedLate = new DropCount(4);
    private boolean waitingForLink;
    private boolean protocolPaused;
    private boolean tellingErrors;
    private int highBytes;
    private int lowBytes;

    DatagramOutput(DatagramLinkTransport transport, Network.DatagramLink link, int boundBytes) {
        this.transport = transport;
        this.link = link;
        this.boundBytes = boundBytes;
        highBytes = Math.min(DEFAULT_HIGH_BYTES, boundBytes / LOW_FRACTION);
        lowBytes = highBytes / LOW_FRACTION;
    }

    long size() {
        return queue.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    long droppedFull() {
        return droppedFull.count();
    }

    /// Sends from memory of the caller, of which only what has to be queued is copied.
    void send(ByteBuffer data, SocketAddress to) {
        if (mayQueueOrSend() && !sendNow(data, to) && hasRoomFor(data.remaining(), to)) {
            enqueue(Unpooled.copiedBuffer(data), to);
        }
        data.position(data.limit());
    }

    /// Sends a buffer that belongs to the transport from now on.
    void send(ByteBuf data, SocketAddress to) {
        var queued = false;
        try {
            if (mayQueueOrSend()
                    && !sendNow(memoryOf(data), to)
                    && hasRoomFor(data.readableBytes(), to)) {
                queued = true;
                enqueue(data, to);
            }
        } finally {
            if (!queued) {
                data.release();
            }
        }
    }

    private static ByteBuffer memoryOf(ByteBuf data) {
        return data.nioBufferCount() == 1
                ? data.internalNioBuffer(data.readerIndex(), data.readableBytes())
                : data.nioBuffer(); // in one piece, as a datagram has to be
    }

    private boolean mayQueueOrSend() {
        if (!transport.isOpen()) {
            if (droppedLate.addIsNews()) {
                LOG.warn(
                        "{} datagrams were dropped because {} is closed; stop sending after"
                                + " connectionLost",
                        droppedLate.count(),
                        transport);
            }
            return false;
        }
        return true;
    }

    /// An empty datagram takes the way through the queue: see [Network.DatagramLink#send].
    ///
    /// @return whether nothing is left to do
    private boolean sendNow(ByteBuffer data, SocketAddress to) {
        if (!queue.isEmpty() || !data.hasRemaining()) {
            return false;
        }
        try {
            return offer(data, to);
        } catch (IOException | RuntimeException failure) {
            transport.fail("sending failed", failure);
            return true;
        } finally {
            tellErrors();
        }
    }

    /// Gives a datagram to the network. What the network refuses counts as taken, and is noted.
    ///
    /// @return whether it was taken
    /// @throws IOException if the endpoint cannot be used any more
    private boolean offer(ByteBuffer data, SocketAddress to) throws IOException {
        var bytes = data.remaining();
        var recipient = link.remoteAddress() == null ? to : null;
        try {
            return offerTwice(data, recipient);
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException failure) {
            untold.add(DatagramFailure.notSent(bytes, to, failure));
            return true;
        }
    }

    /// An unreachable port is news of an earlier datagram that keeps this one from being sent, so
    /// this one is offered again.
    private boolean offerTwice(ByteBuffer data, @Nullable SocketAddress recipient)
            throws IOException {
        try {
            return link.send(data, recipient);
        } catch (PortUnreachableException earlier) {
            untold.add(DatagramFailure.unreachable(link.remoteAddress(), earlier));
            return link.send(data, recipient);
        }
    }

    /// What fails while the protocol is told comes on the next turn: who tries again and again
    /// would never get out of here.
    private void tellErrors() {
        if (tellingErrors) {
            return;
        }
        tellingErrors = true;
        try {
            for (var count = untold.size(); count > 0; count--) {
                transport.errorReceived(untold.remove());
            }
        } finally {
            tellingErrors = false;
        }
        if (!untold.isEmpty()) {
            transport.callSoon(this::tellErrors);
        }
    }

    private boolean hasRoomFor(int bytes, SocketAddress to) {
        if (!transport.isOpen()) {
            return false; // the protocol has closed it when it learnt of an error
        }
        if (queue.isEmpty() || queue.sizeWith(bytes) <= boundBytes) {
            return true;
        }
        if (droppedFull.addIsNews()) {
            LOG.warn(
                    "{} datagrams were dropped because the queue of {} is full, the last one with"
                            + " {} bytes to {}; send no more between pauseWriting and"
                            + " resumeWriting, or raise DatagramOptions.withQueueBound from {}",
                    droppedFull.count(),
                    transport,
                    bytes,
                    Addresses.text(to),
                    boundBytes);
        }
        return false;
    }

    private void enqueue(ByteBuf data, SocketAddress to) {
        queue.add(data, to);
        setWaitingForLink(true);
        pauseProtocolIfFull();
    }

    private void setWaitingForLink(boolean waiting) {
        if (waitingForLink == waiting) {
            return;
        }
        waitingForLink = waiting;
        if (waiting) {
            transport.inContext(() -> link.addWriter(writer));
        } else {
            link.removeWriter();
        }
    }

    private void linkWritable() {
        try {
            sendQueued();
        } catch (IOException | RuntimeException failure) {
            transport.fail("sending failed", failure);
        }
        if (queue.isEmpty()) {
            setWaitingForLink(false);
        }
        tellErrors();
        resumeProtocolIfDrained();
        transport.outputDrained();
    }

    private void sendQueued() throws IOException {
        for (var count = 0; count < MOST_PER_TURN; count++) {
            var first = queue.first();
            if (first == null || (count > 0 && first.bytes() == 0)) {
                return;
            }
            if (!offer(queuedMemoryOf(first.data()), first.to())) {
                return;
            }
            queue.removeFirst();
        }
    }

    private static ByteBuffer queuedMemoryOf(ByteBuf data) {
        try {
            return memoryOf(data);
        } catch (IllegalReferenceCountException released) {
            throw new IllegalStateException(RELEASED_BY_OTHERS, released);
        }
    }

    void setLimits(int high, int low) {
        if (low < 0 || high < low || high >= boundBytes) {
            throw new IllegalArgumentException(
                    "write buffer limits need "
                            + boundBytes
                            + " (the bound of the queue) > high >= low >= 0, but high was "
                            + high
                            + " and low was "
                            + low);
        }
        highBytes = high;
        lowBytes = low;
        pauseProtocolIfFull();
        resumeProtocolIfDrained();
    }

    private void pauseProtocolIfFull() {
        if (queue.size() > highBytes && !protocolPaused) {
            protocolPaused = true;
            transport.callProtocol("pauseWriting", transport.protocol()::pauseWriting);
        }
    }

    private void resumeProtocolIfDrained() {
        if (protocolPaused && queue.size() <= lowBytes && !transport.hasEnded()) {
            protocolPaused = false;
            transport.callProtocol("resumeWriting", transport.protocol()::resumeWriting);
        }
    }

    /// Gives the network a last chance to take what is queued, without waiting. The protocol is
    /// told nothing any more.
    void flushLastTime() throws IOException {
        try {
            for (var before = 0L; before != queue.size() && !queue.isEmpty(); ) {
                before = queue.size();
                sendQueued();
            }
        } finally {
            untold.forEach(error -> LOG.debug("last datagram failed on {}", transport, error));
            untold.clear();
        }
    }

    /// Stops sending for good.
    ///
    /// @return a misuse of a queued buffer that came to light, or null
    @Nullable Exception drop() {
        var misuse = queue.drop();
        setWaitingForLink(false);
        return misuse == null ? null : new IllegalStateException(RELEASED_BY_OTHERS, misuse);
    }
}
