package dev.jloop.transports;

import java.io.IOException;
import java.nio.ByteBuffer;

/// The receiving half of a [StreamTransport]: one read for each turn in which the link is readable.
final class InputSide {
    private static final int MOST_BYTES = 256 * 1024;
    private static final int NO_HINT = -1;
    private static final int END_OF_STREAM = -1;

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
    private final Network.Link link;
    private final Runnable reader = this::readReady;
    private State state = State.NEW;

    InputSide(StreamTransport transport, Network.Link link) {
        this.transport = transport;
        this.link = link;
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
                state = State.PAUSED;
                link.removeReader();
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
        transport.inContext(() -> link.addReader(reader));
    }

    void stop() {
        if (state == State.READING) {
            link.removeReader();
        }
        state = State.ENDED;
    }

    boolean isReading() {
        return state == State.READING || state == State.NEW;
    }

    private void readReady() {
        if (state != State.READING) {
            return;
        }
        try {
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
        var buffer = ReadBuffer.of(transport.loop());
        var count = buffer.readFrom(link);
        if (count == END_OF_STREAM) {
            endOfStream(protocol::eofReceived);
        } else if (count > 0) {
            var data = buffer.slice(count);
            transport.callProtocolOrFail("dataReceived", () -> protocol.dataReceived(data));
            if (!buffer.giveBack()) {
                throw new IllegalStateException(
                        "dataReceived of "
                                + protocol
                                + " released a buffer that it had only borrowed; call retain()"
                                + " first, or do not release it");
            }
        }
    }

    private void readInto(BufferedProtocol protocol) throws IOException {
        var provided = new ByteBuffer[1];
        transport.callProtocolOrFail(
                "getBuffer",
                () -> {
                    provided[0] = protocol.getBuffer(NO_HINT);
                    if (!provided[0].hasRemaining()) {
                        throw new IllegalStateException(
                                "getBuffer returned a buffer without space: " + provided[0]);
                    }
                });
        if (state != State.READING) {
            return; // failed, or paused by the protocol
        }
        var count = readAtMost(provided[0]);
        if (count == END_OF_STREAM) {
            endOfStream(protocol::eofReceived);
        } else if (count > 0) {
            transport.callProtocolOrFail("bufferUpdated", () -> protocol.bufferUpdated(count));
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

    /// What a protocol answers to the end of the stream.
    @FunctionalInterface
    private interface EndHandler {
        boolean keepOpen();
    }

    private void endOfStream(EndHandler handler) {
        stop();
        transport.callProtocolOrFail(
                "eofReceived",
                () -> {
                    if (!handler.keepOpen()) {
                        transport.close();
                    }
                });
    }
}
