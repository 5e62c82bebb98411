package dev.jloop.transports;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/// The receiving half of a [StreamTransport]: one read for each turn in which the link is readable.
final class InputSide {
    private static final Logger LOG = LoggerFactory.getLogger(InputSide.class);
    private static final int MOST_BYTES = 256 * 1024;
    private static final int NO_HINT = -1;
    private static final int END_OF_STREAM = -1;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /// ```
    /// NEW -start, resume-> READING <-pause, resume-> PAUSED
    /// NEW -pause-> PAUSED;   any -end of stream, stop-> ENDED
    /// ```
    private enum State {
        NEW,
        READING,
        PAUSED,
        ENDED
    }

    private final StreamTransport transport;
    private Network.Link link;
    private final Runnable reader = this::readReady;
    private final Lender memory;
    private State state = State.NEW;

    /// Whether reading rests while a file is sent, whatever the state is.
    private boolean held;

    InputSide(StreamTransport transport, Network.Link link) {
        this.transport = transport;
        this.link = link;
        memory = new Lender(transport.loop(), transport);
    }

    /// Starts to read, unless the protocol has paused or closed meanwhile.
    void start() {
        if (state == State.NEW) {
            beginReading();
        }
    }

    void pause() {
        switch (state) {
            case NEW -> state = State.PAUSED;
            case READING -> {
                unwatch();
                state = State.PAUSED;
            }
            case PAUSED, ENDED -> {}
        }
    }

    void resume() {
        if (state == State.PAUSED) {
            beginReading();
        }
    }

    private void beginReading() {
        state = State.READING;
        watch();
    }

    /// Lets reading rest until [#letGo()]; pausing and resuming take effect then.
    void hold() {
        unwatch();
        held = true;
    }

    /// Reads from another link from now on; while reading rests.
    void moveTo(Network.Link next) {
        link = next;
    }

    /// {@return whether nothing is read any more}
    boolean hasEnded() {
        return state == State.ENDED;
    }

    void letGo() {
        held = false;
        watch();
    }

    private void watch() {
        if (state == State.READING && !held) {
            transport.inContext(() -> link.addReader(reader));
        }
    }

    private void unwatch() {
        if (state == State.READING && !held) {
            link.removeReader();
        }
    }

    void stop() {
        unwatch();
        state = State.ENDED;
    }

    boolean isReading() {
        return (state == State.READING || state == State.NEW) && !held;
    }

    private void readReady() {
        if (state != State.READING || held) {
            return;
        }
        if (link.isGone()) {
            stop(); // a link in between may have bytes left
            return;
        }
        try {
            if (!link.canRead()) {
                link.read(NOTHING); // throws why the peer has gone
                return;
            }
            switch (transport.protocol()) {
                case BufferedProtocol buffered -> readInto(buffered);
                case StreamingProtocol streaming -> readFor(streaming);
                default ->
                        throw new IllegalStateException(
                                "unexpected protocol " + transport.protocol());
            }
        } catch (IOException | RuntimeException failure) {
            transport.fail("read failed", failure);
        }
    }

    private void readFor(StreamingProtocol protocol) throws IOException {
        var count = memory.readFrom(link);
        if (count == END_OF_STREAM) {
            endOfStream(protocol::eofReceived);
        } else if (count > 0) {
            var data = memory.lend(count);
            try {
                protocol.dataReceived(data);
            } catch (Throwable failure) {
                transport.protocolFailed("dataReceived", failure);
            } finally {
                takeBack(data, protocol);
            }
        }
    }

    private static void takeBack(Loan data, StreamingProtocol protocol) {
        if (!data.giveBack()) {
            throw new IllegalStateException(
                    "dataReceived of "
                            + protocol
                            + " released a buffer that it had only borrowed; call retain() first,"
                            + " or do not release it");
        }
    }

    private void readInto(BufferedProtocol protocol) throws IOException {
        var provided = provideBuffer(protocol);
        if (provided == null || state != State.READING) {
            return; // failed, or paused by the protocol
        }
        var count = readAtMost(provided);
        if (count == END_OF_STREAM) {
            endOfStream(protocol::eofReceived);
        } else if (count > 0) {
            try {
                protocol.bufferUpdated(count);
            } catch (Throwable failure) {
                transport.protocolFailed("bufferUpdated", failure);
            }
        }
    }

    /// {@return a buffer with space, or null where the protocol has failed}
    private @Nullable ByteBuffer provideBuffer(BufferedProtocol protocol) {
        try {
            var provided = protocol.getBuffer(NO_HINT);
            if (!provided.hasRemaining()) {
                throw new IllegalStateException(
                        "getBuffer returned a buffer without space: " + provided);
            }
            return provided;
        } catch (Throwable failure) {
            transport.protocolFailed("getBuffer", failure);
            return null;
        }
    }

    private int readAtMost(ByteBuffer buffer) throws IOException {
        var limit = buffer.limit();
        buffer.limit(buffer.position() + Math.min(buffer.remaining(), MOST_BYTES));
        try {
            return link.read(buffer);
        } finally {
            buffer.limit(limit);
        }
    }

    private void endOfStream(BooleanSupplier keepsOpen) {
        stop();
        try {
            if (!keepsOpen.getAsBoolean() || !link.canWrite()) {
                transport.leave();
            } else if (!link.canShutdownOutput()) {
                LOG.warn(
                        "eofReceived() of {} returned true, but {} cannot stay open for writing"
                                + " alone, and is closed",
                        transport.protocol(),
                        transport);
                transport.leave();
            }
        } catch (Throwable failure) {
            transport.protocolFailed("eofReceived", failure);
        }
    }
}
