package dev.jloop.transports;

import dev.jloop.core.LoopFuture;
import dev.jloop.core.RecurringHandle;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/// The sending half of a [StreamTransport]: its queue, flow control and half-close.
final class OutputSide {
    private static final Logger LOG = LoggerFactory.getLogger(OutputSide.class);
    private static final int DEFAULT_HIGH_BYTES = 64 * 1024;
    private static final int DEFAULT_LOW_BYTES = 16 * 1024;
    private static final int LEAST_DIRECT_BYTES = 64 * 1024;
    private static final String RELEASED_BY_OTHERS =
            "a buffer that waited to be sent was released by someone else; write() takes over what"
                    + " it is given, so call retain() first to use it further";

    /// ```
    /// OPEN -writeEof-> ENDING -all sent-> ENDED
    ///  |  ^
    /// sendFile, startTls
    ///  v  |
    /// SENDING_FILE, STARTING_TLS
    /// any -drop-> DROPPED
    /// ABSENT, where there is nobody to write to, is for ever
    /// ```
    private enum State {
        ABSENT,
        OPEN,
        SENDING_FILE,
        STARTING_TLS,
        ENDING,
        ENDED,
        DROPPED
    }

    private final StreamTransport transport;
    private Network.Link link;
    private final WriteQueue queue;

    /// Made for the first write: many connections only ever receive for a long time.
    private @Nullable RecurringHandle flush;

    private State state;
    private boolean waitingForLink;
    private boolean protocolPaused;
    private int highBytes = DEFAULT_HIGH_BYTES;
    private int lowBytes = DEFAULT_LOW_BYTES;
    private final DropCount droppedWrites = new DropCount(4);
    private @Nullable FileSender fileSender;

    /// Waits for the queue to be empty.
    private @Nullable LoopFuture<@Nullable Void> drainWaiter;

    OutputSide(StreamTransport transport, Network.Link link, Gather gather) {
        this.transport = transport;
        this.link = link;
        state = link.canWrite() ? State.OPEN : State.ABSENT;
        queue = new WriteQueue(transport.loop(), gather);
    }

    long size() {
        return queue.size();
    }

    /// {@return whether there is nothing left to do before the connection may end}
    boolean isDrained() {
        return !hasUnsent() && state != State.STARTING_TLS;
    }

    /// {@return whether bytes that the user has given would be lost}
    boolean hasUnsent() {
        return !queue.isEmpty() || state == State.SENDING_FILE;
    }

    void write(ByteBuf data) {
        Loan.refuseUnretained(data);
        var taken = false;
        try {
            if (mayWrite(data.isReadable())) {
                queue.add(data);
                taken = true;
            }
        } finally {
            if (!taken) {
                data.release();
            }
        }
        if (taken) {
            written();
        }
    }

    void writeCopy(ByteBuffer data) {
        if (mayWrite(data.hasRemaining())) {
            append(data);
            written();
        } else {
            data.position(data.limit());
        }
    }

    void writeCopy(byte[] data) {
        if (mayWrite(data.length > 0)) {
            if (isTooLargeToCopy(data.length)) {
                append(ByteBuffer.wrap(data));
            } else {
                queue.addCopy(data);
            }
            written();
        }
    }

    void writeCopies(List<ByteBuffer> data) {
        if (mayWrite(hasAnything(data))) {
            for (var buffer : data) {
                append(buffer);
            }
            written();
        } else {
            for (var buffer : data) {
                buffer.position(buffer.limit());
            }
        }
    }

    private static boolean hasAnything(List<ByteBuffer> data) {
        for (var buffer : data) {
            if (buffer.hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    private boolean isTooLargeToCopy(int count) {
        return count > Math.max(highBytes, LEAST_DIRECT_BYTES);
    }

    /// Queues a copy; of a large piece, only of what the network does not take at once.
    private void append(ByteBuffer data) {
        if (isTooLargeToCopy(data.remaining()) && !waitingForLink && !transport.isClosing()) {
            sendDirectly(data);
        }
        if (data.hasRemaining() && !transport.isClosing()) {
            queue.addCopy(data);
        }
        data.position(data.limit());
    }

    private void sendDirectly(ByteBuffer data) {
        try {
            if (queue.sendTo(link)) {
                queue.sendNow(data, link);
            }
        } catch (IOException | RuntimeException failure) {
            writeFailed(failure);
        }
    }

    private boolean mayWrite(boolean anything) {
        switch (state) {
            case ENDING, ENDED ->
                    throw new IllegalStateException(
                            "cannot write after writeEof() on " + transport);
            case SENDING_FILE ->
                    throw new IllegalStateException(
                            "cannot write while sendFile() runs on "
                                    + transport
                                    + "; wait until it returns");
            case ABSENT -> checkExists();
            case STARTING_TLS ->
                    throw new IllegalStateException(
                            "cannot write while startTls() runs on "
                                    + transport
                                    + "; wait until it returns, so that what is written is"
                                    + " encrypted");
            case OPEN, DROPPED -> {}
        }
        if (anything && transport.isClosing()) {
            warnOfDrop();
            return false;
        }
        return anything;
    }

    void checkExists() {
        if (state == State.ABSENT) {
            throw new UnsupportedOperationException(
                    transport + " can only be read, so that nothing can be written to it");
        }
    }

    private void warnOfDrop() {
        if (droppedWrites.addIsNews()) {
            LOG.warn(
                    "{} writes were dropped because {} is closed or lost; stop writing after"
                            + " connectionLost",
                    droppedWrites.count(),
                    transport);
        }
    }

    private void written() {
        if (queue.size() > highBytes) {
            flushNow();
        } else if (!waitingForLink && !queue.isEmpty()) {
            scheduleFlush();
        }
    }

    private void scheduleFlush() {
        if (flush == null) {
            flush = transport.recurring(this::flushNow);
        }
        flush.schedule();
    }

    private void flushNow() {
        if (!waitingForLink) {
            flush();
        }
        pauseProtocolIfFull();
    }

    private void flush() {
        if (state == State.DROPPED) {
            return;
        }
        try {
            var empty = queue.sendTo(link);
            setWaitingForLink(!empty);
        } catch (IOException | RuntimeException failure) {
            writeFailed(failure);
            return;
        }
        resumeProtocolIfDrained();
        if (queue.isEmpty()) {
            allSent();
        }
    }

    private void writeFailed(Exception failure) {
        transport.fail(
                failure instanceof IllegalReferenceCountException
                        ? "write failed: " + RELEASED_BY_OTHERS
                        : "write failed",
                failure);
    }

    private void setWaitingForLink(boolean waiting) {
        if (waiting == waitingForLink) {
            return;
        }
        waitingForLink = waiting;
        if (waiting) {
            transport.inContext(() -> link.addWriter(this::flush));
        } else {
            link.removeWriter();
        }
    }

    private void allSent() {
        if (drainWaiter != null) {
            Readiness.complete(drainWaiter);
        } else if (fileSender != null) {
            fileSender.queueDrained();
        } else if (state == State.ENDING && !transport.isClosing()) {
            shutdown();
        }
        transport.outputDrained();
    }

    void writeEof() {
        if (state == State.SENDING_FILE || state == State.STARTING_TLS) {
            throw new IllegalStateException(
                    "cannot end the output while "
                            + (state == State.SENDING_FILE ? "sendFile()" : "startTls()")
                            + " runs on "
                            + transport
                            + "; wait until it returns");
        }
        if (state != State.OPEN || transport.isClosing()) {
            return;
        }
        state = State.ENDING;
        if (queue.isEmpty()) {
            shutdown();
        }
    }

    private void shutdown() {
        try {
            link.shutdownOutput();
            state = State.ENDED;
        } catch (IOException | RuntimeException failure) {
            transport.fail("half-close failed", failure);
        }
    }

    void setLimits(int high, int low) {
        if (low < 0 || high < low) {
            throw new IllegalArgumentException(
                    "write buffer limits need high >= low >= 0, but high was "
                            + high
                            + " and low was "
                            + low);
        }
        highBytes = high;
        lowBytes = low;
        if (queue.size() > highBytes) {
            flushNow();
        }
        resumeProtocolIfDrained();
    }

    private void pauseProtocolIfFull() {
        if (queue.size() > highBytes && !protocolPaused) {
            protocolPaused = true;
            pauseProtocol();
        }
    }

    private void pauseProtocol() {
        transport.callProtocol("pauseWriting", transport.protocol()::pauseWriting);
    }

    /// Tells a new protocol what the old one knew.
    void protocolChanged() {
        if (protocolPaused) {
            pauseProtocol();
        }
    }

    private void resumeProtocolIfDrained() {
        if (protocolPaused && queue.size() <= lowBytes) {
            protocolPaused = false;
            transport.callProtocol("resumeWriting", transport.protocol()::resumeWriting);
        }
    }

    void checkMaySendFile() {
        checkExists();
        if (transport.isClosing() || state != State.OPEN) {
            throw new IllegalStateException(
                    "cannot send a file: "
                            + transport
                            + " is "
                            + (state == State.SENDING_FILE ? "sending one already" : busyWith()));
        }
    }

    private String busyWith() {
        return switch (state) {
            case SENDING_FILE -> "sending a file already";
            case STARTING_TLS -> "starting TLS";
            case ABSENT, OPEN, ENDING, ENDED, DROPPED -> "closing or half-closed";
        };
    }

    void checkMayStartTls() {
        checkExists();
        if (transport.isClosing() || state != State.OPEN) {
            throw new IllegalStateException("cannot start TLS: " + transport + " is " + busyWith());
        }
    }

    /// Suspends until everything written has been sent, and refuses writes until
    /// [#tlsStarted(Network.Link)]. To be called only where [#checkMayStartTls()] allows it.
    void startTls() throws SocketException {
        state = State.STARTING_TLS;
        if (!queue.isEmpty()) {
            LoopFuture<@Nullable Void> drained = transport.loop().createFuture();
            drainWaiter = drained;
            try {
                drained.await();
            } finally {
                drainWaiter = null;
            }
        }
        if (state == State.DROPPED) {
            throw new SocketException(
                    "the connection was lost before TLS could be started on " + transport);
        }
    }

    /// Writes to the secured link from now on.
    void tlsStarted(Network.Link secured) {
        link = secured;
        if (state == State.STARTING_TLS) {
            state = State.OPEN;
        }
        transport.outputDrained();
    }

    /// Suspends. To be called only where [#checkMaySendFile()] allows it.
    long sendFile(FileChannel file, long offset, long count) throws IOException {
        state = State.SENDING_FILE;
        var sender = new FileSender(transport.loop(), link);
        fileSender = sender;
        var complete = false;
        try {
            var sent = sender.send(queue.isEmpty(), file, offset, count);
            complete = true;
            return sent;
        } finally {
            if (!complete && sender.hasSent()) {
                transport.abort(); // a regular end would make the part look like the whole
            }
            fileSender = null;
            if (state == State.SENDING_FILE) {
                state = State.OPEN;
            }
            if (queue.isEmpty()) {
                transport.outputDrained();
            }
        }
    }

    /// Gives the network a last chance to take what is queued, without waiting.
    void flushLastTime() throws IOException {
        if (state != State.DROPPED) {
            queue.sendTo(link);
        }
    }

    /// Stops sending for good.
    ///
    /// @param cause why the connection ended, or null
    /// @return a misuse of a queued buffer that came to light, or null
    @Nullable Exception drop(@Nullable Throwable cause) {
        if (state != State.ABSENT) {
            state = State.DROPPED;
        }
        protocolPaused = false; // connectionLost is the last that a protocol hears
        var misuse = queue.drop();
        setWaitingForLink(false);
        if (fileSender != null) {
            fileSender.connectionLost(cause);
        }
        if (drainWaiter != null) {
            Readiness.complete(drainWaiter);
        }
        return misuse == null ? null : new IllegalStateException(RELEASED_BY_OTHERS, misuse);
    }
}
