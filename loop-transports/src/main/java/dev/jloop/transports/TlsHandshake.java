package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.TimerHandle;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;

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
        void failed(TlsHandshake handshake, Exception cause);
    }

    private final EventLoop loop;
    private final TlsSide side;
    private final String peer;
    private final SocketAddress peerAddress;
    private final Listener listener;
    private final long begun;

    /// What to close: the link below, and later the one that is secured.
    private Network.Link link;

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

    /// Suspends until a handshake has ended. Failed or cancelled, it leaves the link closed.
    ///
    /// @param below belongs to the result, or is closed
    /// @param peer for messages
    /// @return the secured link
    /// @throws IOException if it failed; what the user's settings throw is passed on
    static Network.Link await(EventLoop loop, Network.Link below, TlsSide side, String peer)
            throws IOException {
        LoopFuture<Result> ended = loop.createFuture();
        var handshake =
                new TlsHandshake(
                        loop,
                        below,
                        side,
                        peer,
                        new Listener() {
                            @Override
                            public void secured(TlsHandshake handshake, Network.Link link) {
                                end(new Result(link, null));
                            }

                            @Override
                            public void failed(TlsHandshake handshake, Exception cause) {
                                end(new Result(null, cause));
                            }

                            private void end(Result result) {
                                if (!ended.isDone()) {
                                    ended.setResult(result);
                                }
                            }
                        });
        Network.Link secured = null;
        try {
            handshake.start();
            secured = ended.await().link();
            return secured;
        } finally {
            if (secured == null) {
                handshake.cut();
            }
        }
    }

    /// How a handshake has ended, for whoever awaits it.
    private record Result(Network.@Nullable Link secured, @Nullable Exception failure) {
        Network.Link link() throws IOException {
            if (secured != null) {
                return secured;
            }
            switch (failure) {
                case IOException broken -> throw broken;
                case RuntimeException users -> throw users;
                case null, default -> throw new IllegalStateException("unexpected", failure);
            }
        }
    }

    /// Starts. The listener may be told in this call.
    void start() {
        if (side.needsRequestedName()) {
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
        TlsLink secured;
        try {
            var engine = side.newEngine(requestedName);
            secured =
                    new TlsLink(
                            loop, link, received, engine, side.options().shutdownTimeout(), peer);
        } catch (RuntimeException users) {
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
                        listener.secured(this, secured);
                    } else {
                        listener.failed(this, failure);
                    }
                });
    }

    private void failed(Exception cause) {
        cut();
        listener.failed(this, cause);
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    /// Ends it at once; the listener is told if there is a handshake already. Does nothing after
    /// the end but close the link.
    void cut() {
        cancelDeadline();
        link.close();
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
