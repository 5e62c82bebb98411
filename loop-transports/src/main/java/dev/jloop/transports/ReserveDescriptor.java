package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;

/// A descriptor kept back by a loop that listens on sockets. When the process has run out of them
/// it is given up for as long as that is reported: to load a class or to write to another log file
/// takes a descriptor, too, and a report that fails for want of one would hide what is wrong.
///
/// It is not used to accept and close connections: see `docs/decisions/0024`.
final class ReserveDescriptor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReserveDescriptor.class);

    private enum State {
        UNUSED,
        USED,
        CLOSED
    }

    private State state = State.UNUSED;

    /// A socket that is never connected: the cheapest thing with a descriptor on every system.
    private @Nullable SocketChannel reserve;

    static ReserveDescriptor of(EventLoop loop) {
        return loop.service(ReserveDescriptor.class, _ -> new ReserveDescriptor());
    }

    /// Keeps a descriptor from now on.
    void use() {
        if (state == State.UNUSED) {
            state = State.USED;
        }
        hold();
    }

    /// Takes the descriptor again, if it could not be taken the last time.
    void hold() {
        if (state == State.USED && reserve == null) {
            try {
                reserve = SocketChannel.open();
            } catch (IOException none) {
                LOG.debug("no descriptor to keep in reserve", none);
            }
        }
    }

    /// Does work that may need a descriptor.
    void whileFree(Runnable work) {
        giveUp();
        try {
            work.run();
        } finally {
            hold();
        }
    }

    boolean isHeld() {
        return reserve != null;
    }

    private void giveUp() {
        if (reserve != null) {
            var channel = reserve;
            reserve = null;
            try {
                channel.close();
            } catch (IOException failure) {
                throw new UncheckedIOException("cannot close the reserve descriptor", failure);
            }
        }
    }

    @Override
    public void close() {
        state = State.CLOSED;
        giveUp();
    }
}
