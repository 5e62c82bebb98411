package dev.jloop.transports;

import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/// The receiving half of a [DatagramLinkTransport].
///
/// In a turn in which the link is readable it receives one datagram. Only where more came than were
/// taken does it take twice as many in the next turn, so that a quiet endpoint does not ask the
/// network in vain, and a busy one does not starve the others.
final class DatagramInput {
    private static final int MOST_PER_TURN = 32;

    /// ```
    /// NEW -start, resume-> READING <-pause, resume-> PAUSED
    /// NEW -pause-> PAUSED;   any -stop-> ENDED
    /// ```
    private enum State {
        NEW,
        READING,
        PAUSED,
        ENDED
    }

    private final DatagramLinkTransport transport;
    private final Network.DatagramLink link;
    private final Runnable reader = this::readReady;
    private final ReadBuffer memory;
    private final int largestBytes;
    private State state = State.NEW;
    private int perTurn = 1;

    DatagramInput(DatagramLinkTransport transport, Network.DatagramLink link, int largestBytes) {
        this.transport = transport;
        this.link = link;
        this.largestBytes = largestBytes;
        memory = ReadBuffer.of(transport.loop());
    }

    /// Starts to receive, unless the protocol has paused or closed meanwhile.
    void start() {
        if (state == State.NEW) {
            beginReading();
        }
    }

    void pause() {
        switch (state) {
            case NEW -> state = State.PAUSED;
            case READING -> {
                link.removeReader();
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
        for (var count = 0; count < perTurn; count++) {
            if (state != State.READING) {
                return;
            }
            if (!receive()) {
                perTurn = 1;
                return;
            }
        }
        perTurn = Math.min(2 * perTurn, MOST_PER_TURN);
    }

    /// @return whether there may be more
    private boolean receive() {
        try {
            var space = memory.space(largestBytes + 1);
            var start = space.position();
            var sender = link.receive(space);
            if (sender == null) {
                return false;
            }
            received(space, start, sender);
            return true;
        } catch (PortUnreachableException unreachable) {
            transport.errorReceived(DatagramFailure.unreachable(link.remoteAddress(), unreachable));
        } catch (ClosedChannelException | RuntimeException failure) {
            transport.fail("receiving failed", failure);
        } catch (IOException failure) {
            transport.errorReceived(DatagramFailure.notReceived(link.localAddress(), failure));
        }
        return false;
    }

    private void received(ByteBuffer space, int start, SocketAddress sender) {
        var count = space.position() - start;
        if (count > largestBytes) {
            transport.errorReceived(DatagramFailure.tooLarge(sender, largestBytes));
        } else {
            transport.datagramReceived(memory.lend(count), sender);
        }
    }
}
