package dev.jloop.transports;

import dev.jloop.core.TimerHandle;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;

/// The receiving half of a [DatagramLinkTransport].
///
/// In a turn in which the link is readable it receives one datagram. Only where more came than were
/// taken does it take twice as many in the next turn, so that a quiet endpoint does not ask the
/// network in vain, and a busy one does not starve the others. Where receiving fails again and
/// again, it rests in between, since a link that fails may count as readable all the time.
final class DatagramInput {
    private static final int MOST_PER_TURN = 32;
    private static final Duration REST = Duration.ofMillis(100);

    /// ```
    /// NEW -start, resume-> READING <-pause, resume-> PAUSED
    /// NEW -pause-> PAUSED;   any -stop-> ENDED
    /// READING -fails again-> RESTING -in a while-> READING;   RESTING -pause-> PAUSED
    /// ```
    private enum State {
        NEW,
        READING,
        RESTING,
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
    private boolean hasJustFailed;

    // Only while resting.
    private @Nullable TimerHandle endOfRest;

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
        if (isReading()) {
            leaveFor(State.PAUSED);
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
        leaveFor(State.ENDED);
    }

    private void leaveFor(State next) {
        if (state == State.READING) {
            link.removeReader();
        }
        if (endOfRest != null) {
            endOfRest.cancel();
            endOfRest = null;
        }
        state = next;
    }

    boolean isReading() {
        return state != State.PAUSED && state != State.ENDED;
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
            hasJustFailed = false;
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
            restIfItFailsAgain();
            transport.errorReceived(DatagramFailure.notReceived(link.localAddress(), failure));
        }
        return false;
    }

    private void restIfItFailsAgain() {
        if (hasJustFailed) {
            leaveFor(State.RESTING);
            endOfRest = transport.loop().callLater(REST, this::endRest);
        }
        hasJustFailed = true;
    }

    private void endRest() {
        endOfRest = null;
        beginReading();
    }

    private void received(ByteBuffer space, int start, SocketAddress sender) {
        var count = space.position() - start;
        if (count > largestBytes) {
            transport.errorReceived(DatagramFailure.tooLarge(sender, largestBytes));
        } else {
            var loan = Lender.freshLoan(transport.loop(), transport);
            memory.lendTo(loan, count);
            transport.datagramReceived(loan, sender);
        }
    }
}
