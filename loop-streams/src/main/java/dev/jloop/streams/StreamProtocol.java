package dev.jloop.streams;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.LoopFuture;
import dev.jloop.transports.Key;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/// Feeds a reader, and tells a writer when it may go on.
///
/// It holds them until they are handed out, and from then on the users alone do: see [StreamUse].
final class StreamProtocol implements StreamingProtocol {
    private enum State {
        CONNECTED,
        LOST
    }

    private final EventLoop loop;
    private final WeakReference<StreamReader> reader;
    private final Consumer<StreamProtocol> whenConnected;
    private final WriteTurns turns;
    private final List<LoopFuture<@Nullable Void>> closeWaiters = new ArrayList<>();
    private @Nullable Transport transport;
    private State state = State.CONNECTED;
    private @Nullable Throwable lossCause;

    /// Until it is handed out, and after that null.
    private @Nullable StreamWriter kept;

    /// Ends the watch for users that are gone.
    private Cleaner.@Nullable Cleanable watch;

    /// @param whenConnected called in `connectionMade`, with this
    StreamProtocol(EventLoop loop, int limit, Consumer<StreamProtocol> whenConnected) {
        this.loop = loop;
        this.whenConnected = whenConnected;
        turns = new WriteTurns(loop);
        var use = StreamUse.of(this);
        var newReader = new StreamReader(limit, loop, use);
        reader = new WeakReference<>(newReader);
        kept = new StreamWriter(this, newReader, use);
    }

    /// Hands out the writer, which holds the reader, to be called once. It is the caller's to keep.
    StreamWriter handOut() {
        var writer = Objects.requireNonNull(kept, "the writer was handed out before");
        kept = null;
        return writer;
    }

    /// @param cleanable ends the watch for users that are gone
    void whenLost(Cleaner.Cleanable cleanable) {
        watch = cleanable;
    }

    /// Nobody holds the reader or the writer any more, so nobody can close the connection.
    void abandoned() {
        if (transport == null || transport.isClosing() || transport.protocol() != this) {
            return;
        }
        loop.callExceptionHandler(
                LoopException.of(
                                "a stream was never closed and nobody can do it any more, so it is"
                                        + " closed now: "
                                        + transport,
                                null)
                        .with("transport", transport)
                        .with("protocol", this));
        transport.close();
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
        attachReader(connected);
        whenConnected.accept(this);
    }

    @Override
    public void dataReceived(ByteBuf data) {
        var current = reader.get();
        if (current != null) {
            current.feedData(data);
        } // else nobody will ever read it
    }

    /// Goes on where the connection was secured.
    void moveTo(Transport secured) {
        transport = secured;
        attachReader(secured);
    }

    private void attachReader(Transport attached) {
        var current = reader.get();
        if (current != null) {
            current.attach(attached);
        }
    }

    @Override
    public boolean eofReceived() {
        var current = reader.get();
        if (current != null) {
            current.feedEof();
        }
        return transport().canWriteEof(); // TLS ends both directions together
    }

    @Override
    public void connectionLost(@Nullable Throwable cause) {
        state = State.LOST;
        lossCause = cause;
        endReader(transport().isAborted());
        turns.endAll();
        for (var waiter : closeWaiters) {
            if (!waiter.isDone()) {
                waiter.setResult(null);
            }
        }
        if (watch != null) {
            watch.clean();
        }
    }

    private void endReader(boolean wasCut) {
        var current = reader.get();
        if (current == null) {
            return;
        }
        if (lossCause != null || (wasCut && !current.hasEnded())) {
            current.connectionLost(this::lost);
        } else {
            current.feedEof();
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
        var start = describe() + " is lost";
        if (lossCause == null) {
            var how = transport().isAborted() ? "aborted" : "closed";
            return new SocketException(start + ": it was " + how + " by this side");
        }
        return new SocketException(start + ": " + lossCause.getMessage(), lossCause);
    }

    private String describe() {
        var process = transport().extra(Key.SUBPROCESS);
        if (process != null) {
            return "the pipe of process "
                    + process.pid()
                    + (process.isAlive() ? "" : ", which has ended,");
        }
        var peer = transport().extra(Key.PEER_ADDRESS);
        return "the connection" + (peer == null ? "" : " to " + Peers.text(peer));
    }
}
