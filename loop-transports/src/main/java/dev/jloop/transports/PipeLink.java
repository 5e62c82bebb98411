package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.NetworkChannel;

/// One end of a pipe: a link with one direction and without addresses.
abstract sealed class PipeLink implements Network.Link
        permits PipeSourceLink, PipeSinkLink, InputStreamLink, OutputStreamLink {
    private final @Nullable ProcessHandle process;

    /// @param process at the other end, where that is known
    PipeLink(@Nullable ProcessHandle process) {
        this.process = process;
    }

    /// {@return whether the pipe is still in use here}
    abstract boolean isOpen();

    /// There is nothing like a reset; the bytes under way reach the other end.
    @Override
    public void reset() {
        close();
    }

    /// The end of the transport, which follows, says it by closing the pipe.
    @Override
    public void shutdownOutput() {}

    @Override
    public boolean canShutdownOutput() {
        return canWrite();
    }

    @Override
    public SocketAddress localAddress() {
        throw new UnsupportedOperationException("a pipe has no address");
    }

    @Override
    public SocketAddress remoteAddress() {
        throw new UnsupportedOperationException("a pipe has no address");
    }

    @Override
    public @Nullable NetworkChannel channel() {
        return null;
    }

    @Override
    public <T> @Nullable T extra(Key<T> key) {
        if (key == Key.PIPE) {
            return key.cast(new View());
        }
        return key == Key.SUBPROCESS ? key.cast(process) : null;
    }

    IllegalStateException wrongDirection() {
        return new IllegalStateException("not a direction of " + this);
    }

    /// Shows whether the pipe is open, and nothing that would disturb it.
    private final class View implements Channel {
        @Override
        public boolean isOpen() {
            return PipeLink.this.isOpen();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException(
                    PipeLink.this + " belongs to a transport; close the transport");
        }

        @Override
        public String toString() {
            return PipeLink.this.toString();
        }
    }
}
