package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.TimerHandle;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Accepts the connections of one listener, while its server has room for them. While accepting
/// fails, as it does when the process has run out of descriptors, it rests and tries again.
final class Acceptor {
    /// Bounds what one listener takes of a turn, however long its backlog: some 3 ms.
    static final int MOST_PER_TURN = 128;

    /// Who gets what is accepted.
    interface Receiver {
        /// {@return whether one more connection may be accepted}
        boolean hasRoom();

        /// Takes over a new connection.
        void accepted(Acceptor by, Network.Link link);
    }

    /// ```
    /// IDLE -start-> ACCEPTING <-no room, letGo-> HELD
    /// ACCEPTING -failure-> RESTING -later-> ACCEPTING, or HELD without room
    /// any -close-> CLOSED
    /// ```
    private enum State {
        IDLE,
        ACCEPTING,
        HELD,
        RESTING,
        CLOSED
    }

    private final EventLoop loop;
    private final Network.Listener listener;
    private final ListenOptions options;
    private final int mostPerTurn;
    private final Receiver receiver;
    private final AcceptTroubles troubles;
    private State state = State.IDLE;
    private @Nullable TimerHandle retry;

    Acceptor(EventLoop loop, Network.Listener listener, ListenOptions options, Receiver receiver) {
        this.loop = loop;
        this.listener = listener;
        this.options = options;
        this.receiver = receiver;
        mostPerTurn = Math.min(options.backlog(), MOST_PER_TURN);
        troubles = AcceptTroubles.of(loop);
    }

    /// Starts to accept, in the current context.
    void start() {
        if (receiver.hasRoom()) {
            state = State.ACCEPTING;
            listener.addReader(this::acceptWaiting);
        } else {
            state = State.HELD;
        }
    }

    private void acceptWaiting() {
        for (var count = 0; count < mostPerTurn && state == State.ACCEPTING; count++) {
            Network.Link link;
            try {
                link = listener.accept();
            } catch (IOException failure) {
                if (count == 0) {
                    rest(failure);
                }
                // Else perhaps nobody waits any more: without a descriptor the system cannot tell.
                // If somebody does, the next turn begins with the failure.
                return;
            }
            if (link == null) {
                break;
            }
            receiver.accepted(this, link);
        }
        troubles.recovered(listener);
    }

    private void rest(IOException failure) {
        listener.removeReader();
        state = State.RESTING;
        retry = loop.callLater(options.acceptRetryDelay(), this::start);
        troubles.report(listener, failure, options.acceptRetryDelay());
    }

    /// Accepts no more until [#letGo()], because the server has no room.
    void hold() {
        if (state == State.ACCEPTING) {
            listener.removeReader();
            state = State.HELD;
        }
    }

    /// Ends [#hold()], in the current context.
    void letGo() {
        if (state == State.HELD) {
            start();
        }
    }

    void close() {
        state = State.CLOSED;
        if (retry != null) {
            retry.cancel();
        }
        troubles.forget(listener);
        listener.close();
    }
}
