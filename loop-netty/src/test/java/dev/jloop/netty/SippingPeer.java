package dev.jloop.netty;

import dev.jloop.transports.BufferedProtocol;
import dev.jloop.transports.Transport;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/// The other end of a connection, which reads only as much as a test tells it to.
final class SippingPeer implements BufferedProtocol {
    final StringBuilder text = new StringBuilder();
    Transport transport;
    boolean ended;
    boolean lost;
    @Nullable Throwable cause;
    private ByteBuffer space = ByteBuffer.allocate(0);
    private long wanted;

    @Override
    public void connectionMade(Transport made) {
        transport = made;
        made.pauseReading();
    }

    /// Reads so many more bytes, as they come.
    void take(long count) {
        wanted += count;
        transport.resumeReading();
    }

    void takeAll() {
        take(Long.MAX_VALUE / 2);
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
        space = ByteBuffer.allocate((int) Math.min(Math.max(wanted, 1), 65_536));
        return space;
    }

    @Override
    public void bufferUpdated(int count) {
        for (var i = 0; i < count; i++) {
            text.append((char) space.get(i));
        }
        wanted -= count;
        if (wanted == 0) {
            transport.pauseReading();
        }
    }

    @Override
    public boolean eofReceived() {
        ended = true;
        return true;
    }

    @Override
    public void connectionLost(@Nullable Throwable why) {
        lost = true;
        cause = why;
    }
}
