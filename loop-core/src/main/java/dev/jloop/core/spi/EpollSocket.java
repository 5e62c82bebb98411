package dev.jloop.core.spi;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// Reads and writes by `recv` and `send`, without the locks, states and views of the JDK's channel,
/// to which it leaves what is rare: buffers on the heap, and channels that are closed.
final class EpollSocket implements Poller.DirectSocket {
    private static final int END_OF_STREAM = -1;

    private final LinuxCalls calls;
    private final SocketChannel channel;
    private final int descriptor;

    /// The system tells of a reset once; afterwards it looks like a regular end.
    private boolean wasReset;

    EpollSocket(LinuxCalls calls, SocketChannel channel, int descriptor) {
        this.calls = calls;
        this.channel = channel;
        this.descriptor = descriptor;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (wasReset && channel.isOpen()) {
            throw connectionReset();
        }
        if (isLeftToChannel(into) || into.isReadOnly()) {
            return channel.read(into);
        }
        var count = (int) calls.receive(descriptor, into);
        if (count > 0) {
            into.position(into.position() + count);
            return count;
        }
        if (count < 0 && calls.error() == LinuxCalls.ECONNRESET) {
            wasReset = true;
            throw connectionReset();
        }
        return count == 0 ? END_OF_STREAM : nothingYet();
    }

    @Override
    public int write(ByteBuffer data) throws IOException {
        if (isLeftToChannel(data)) {
            return channel.write(data);
        }
        var count = (int) calls.send(descriptor, data);
        if (count >= 0) {
            data.position(data.position() + count);
            return count;
        }
        return nothingYet();
    }

    /// The descriptor of a closed channel may be somebody else's by now.
    private boolean isLeftToChannel(ByteBuffer buffer) {
        return !buffer.isDirect() || !buffer.hasRemaining() || !channel.isOpen();
    }

    /// {@return zero, where the call has failed only because the socket is not ready}
    ///
    /// @throws IOException with the words of the JDK's channels
    private int nothingYet() throws IOException {
        var error = calls.error();
        if (error == LinuxCalls.EAGAIN || error == LinuxCalls.EINTR) {
            return 0;
        }
        throw new IOException(calls.errorText());
    }

    private static SocketException connectionReset() {
        return new SocketException("Connection reset");
    }
}
