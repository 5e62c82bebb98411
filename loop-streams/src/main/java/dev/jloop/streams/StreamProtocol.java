package dev.jloop.streams;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.transports.Key;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Feeds a reader, and tells a writer when it may go on.
final class StreamProtocol implements StreamingProtocol {
    private enum State {
        CONNECTED,
        LOST
    }

    private final EventLoop loop;
    private final StreamReader reader;
    private final StreamWriter writer;
    private final Consumer<StreamProtocol> whenConnected;
    private final WriteTurns turns;
    private final List<LoopFuture<@Nullable Void>> closeWaiters = new ArrayList<>();
    private @Nullable Transport transport;
    private State state = State.CONNECTED;
    private @Nullable Throwable lossCause;

    /// @param whenConnected called in `connectionMade`, with this
    StreamProtocol(EventLoop loop, int limit, Consumer<StreamProtocol> whenConnected) {
        this.loop = loop;
        this.whenConnected = whenConnected;
        reader = new StreamReader(limit, loop);
        writer = new StreamWriter(this);
        turns = new WriteTurns(loop);
    }

    StreamReader reader() {
        return reader;
    }

    StreamWriter writer() {
        return writer;
    }

    Transport transport() {
        if (transport == null) {
            throw new IllegalStateException("the connection is not made yet");
        }
        return transport;
    }

    @Override
    public void connectionMade(Transport connected) {
        transport = connected;
        reader.attach(connected);
        whenConnected.accept(this);
    }

    @Override
    public void dataReceived(ByteBuf data) {
        reader.feedData(data);
    }

    /// Goes on where the connection was secured.
    void moveTo(Transport secured) {
        transport = secured;
        reader.attach(secured);
    }

    @Override
    public boolean eofReceived() {
        reader.feedEof();
        return transport().canWriteEof(); // TLS ends both directions together
    }

    @Override
    public void connectionLost(@Nullable Throwable cause) {
        state = State.LOST;
        lossCause = cause;
        if (cause != null || (transport().isAborted() && !reader.hasEnded())) {
            reader.connectionLost(this::lost);
        } else {
            reader.feedEof();
        }
        turns.endAll();
        for (var waiter : closeWaiters) {
            if (!waiter.isDone()) {
                waiter.setResult(null);
            }
        }
    }

    @Override
    public void pauseWriting() {
        turns.pause();
    }

    @Override
    public void resumeWriting() {
        turns.resume();
    }

    EventLoop loop() {
        return loop;
    }

    boolean isWritingPaused() {
        return turns.isPaused();
    }

    /// {@return whether someone who has written has to wait}
    boolean isQueueing() {
        return turns.isQueueing();
    }

    boolean isLost() {
        return state == State.LOST;
    }

    /// {@return why the connection broke, or null if it did not, or ended in the regular way}
    @Nullable Throwable lossCause() {
        return lossCause;
    }

    /// Suspends until it is this coroutine's turn to write on.
    void awaitTurn() throws SocketException {
        if (!isLost()) {
            turns.await();
        }
        if (isLost()) {
            throw lost();
        }
    }

    /// Suspends until the connection is lost.
    void awaitLost() {
        while (!isLost()) {
            LoopFuture<@Nullable Void> waiter = loop.createFuture("the end of a connection");
            closeWaiters.add(waiter);
            try {
                waiter.await();
            } finally {
                closeWaiters.remove(waiter);
            }
        }
    }

    /// {@return a new exception for each caller: one and the same could come out of a `try` and of
    /// its resource, and Java refuses to suppress an exception by itself}
    SocketException lost() {
        var peer = transport().extra(Key.PEER_ADDRESS);
        var start = "the connection" + (peer == null ? "" : " to " + Peers.text(peer)) + " is lost";
        if (lossCause == null) {
            var how = transport().isAborted() ? "aborted" : "closed";
            return new SocketException(start + ": it was " + how + " by this side");
        }
        return new SocketException(start + ": " + lossCause.getMessage(), lossCause);
    }
}
