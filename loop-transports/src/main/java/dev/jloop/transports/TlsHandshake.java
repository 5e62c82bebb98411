package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.TimerHandle;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;

/// The beginning of a TLS connection over a link, until the handshake has ended, within the time
/// that the options give it.
final class TlsHandshake implements ServedConnection, OpenResources.Resource {
    /// Told once how it has ended.
    interface Listener {
        /// The handshake is complete.
        ///
        /// @param link secured; it belongs to the listener
        void secured(TlsHandshake handshake, Network.Link link);

        /// The handshake has failed, and the link below is closed.
        ///
        /// @param cause an `IOException`, or what the user's settings have thrown
        void failed(TlsHandshake handshake, Throwable cause);
    }

    /// ```
    /// NEW -start-> READING_HELLO -name known-> SHAKING_HANDS -complete, failed, cut-> ENDED
    ///   \____________________________________/
    /// ```
    private enum State {
        NEW,
        READING_HELLO,
        SHAKING_HANDS,
        ENDED
    }

    private final EventLoop loop;
    private final TlsSide side;
    private final String peer;
    private final SocketAddress peerAddress;
    private final Listener listener;
    private final long begun;

    /// What to close: the link below, and later the one that is secured.
    private Network.Link link;

    private State state = State.NEW;
    private @Nullable TimerHandle deadline;

    /// @param below belongs to this handshake; without a reader and a writer
    /// @param peer for messages
    TlsHandshake(EventLoop loop, Network.Link below, TlsSide side, String peer, Listener listener) {
        this.loop = loop;
        this.side = side;
        this.peer = peer;
        this.listener = listener;
        peerAddress = below.remoteAddress();
        link = below;
        begun = loop.time();
    }

    /// Starts. The listener may be told in this call.
    void start() {
        if (side.needsRequestedName()) {
            state = State.READING_HELLO;
            deadline =
                    loop.callLater(
                            side.options().handshakeTimeout(),
                            () ->
                                    failed(
                                            TlsFailures.handshakeTimedOut(
                                                    peer, side.options().handshakeTimeout())));
            new ClientHelloReader(loop, link, this::helloRead, this::helloFailed).start();
        } else {
            shakeHands(new Leftover(), null);
        }
    }

    private void helloRead(Leftover received, @Nullable String requestedName) {
        cancelDeadline();
        shakeHands(received, requestedName);
    }

    private void helloFailed(IOException cause) {
        failed(TlsFailures.handshake(peer, cause));
    }

    private void shakeHands(Leftover received, @Nullable String requestedName) {
        state = State.SHAKING_HANDS;
        TlsLink secured;
        try {
            var engine = side.newEngine(requestedName);
            secured =
                    new TlsLink(
                            loop, link, received, engine, side.options().shutdownTimeout(), peer);
        } catch (Throwable users) {
            Unbearable.rethrow(users);
            failed(users);
            return;
        }
        link = secured;
        var timeout = side.options().handshakeTimeout();
        secured.startHandshake(
                timeout.minusNanos(loop.time() - begun),
                timeout,
                failure -> {
                    if (failure == null) {
                        state = State.ENDED;
                        listener.secured(this, secured);
                    } else {
                        failed(failure);
                    }
                });
    }

    private void failed(Throwable cause) {
        if (state != State.ENDED) {
            state = State.ENDED;
            cancelDeadline();
            link.close();
            listener.failed(this, cause);
        }
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    /// Ends it at once, and closes the link; the listener is told. Does nothing after the end, when
    /// the link is the listener's.
    void cut() {
        failed(
                new SocketException(
                        "the connection to "
                                + peer
                                + " was closed by this side during the TLS handshake"));
    }

    /// There is nothing to finish in peace yet.
    @Override
    public void close() {
        cut();
    }

    @Override
    public void abort() {
        cut();
    }

    @Override
    public boolean hasEnded() {
        return false; // it is forgotten as soon as it has ended
    }

    @Override
    public SocketAddress peerAddress() {
        return peerAddress;
    }

    @Override
    public void closeWithLoop() {
        cut();
    }

    @Override
    public String toString() {
        return "TLS handshake with " + peer;
    }
}
