package dev.jloop.transports;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/// A server over listeners of any network.
final class StreamServer implements Server, Acceptor.Receiver, OpenResources.Resource {
    private static final Logger LOG = LoggerFactory.getLogger(StreamServer.class);

    private enum State {
        IDLE,
        SERVING,
        CLOSED
    }

    private final EventLoop loop;
    private final Supplier<? extends Protocol> factory;
    private final List<Network.Listener> listeners;

    /// In the order in which they get room, when there is some again.
    private final List<Acceptor> acceptors;

    private final Context context = Context.copyCurrent();
    private final @Nullable Throwable createdAt;
    private final @Nullable TlsServing tls;
    private final int maxConnections;
    private final Set<ServedConnection> clients = new LinkedHashSet<>();

    /// Whom shutdowns have cut, so that all that run at a time tell the same.
    private final List<SocketAddress> cut = new ArrayList<>();

    private final List<LoopFuture<@Nullable Void>> closeWaiters = new ArrayList<>();
    private State state = State.IDLE;
    private boolean servingForever;

    /// @param listeners belong to the server once this has returned
    StreamServer(
            EventLoop loop,
            Supplier<? extends Protocol> factory,
            List<Network.Listener> listeners,
            ListenOptions options) {
        this.loop = loop;
        this.factory = factory;
        tls = options.tls() == null ? null : new TlsServing(options.tls());
        this.listeners = List.copyOf(listeners);
        maxConnections = options.maxConnections();
        acceptors = new ArrayList<>();
        this.listeners.forEach(
                listener -> acceptors.add(new Acceptor(loop, listener, options, this)));
        createdAt = loop.isDebug() ? new Throwable("created here") : null;
        OpenResources.of(loop).add(this);
        LiveServers.of(loop).add(this);
    }

    @Override
    public boolean hasRoom() {
        return clients.size() < maxConnections;
    }

    @Override
    public void accepted(Acceptor by, Network.Link link) {
        if (tls == null) {
            serve(link);
        } else {
            shakeHands(link, tls);
        }
        if (!hasRoom()) {
            becomeFull(by);
        }
    }

    private void shakeHands(Network.Link link, TlsServing settings) {
        var peer = Addresses.text(link.remoteAddress());
        var handshake = new TlsHandshake(loop, link, settings, peer, new Handshakes());
        add(handshake);
        OpenResources.of(loop).add(handshake);
        handshake.start();
    }

    /// The handshakes of accepted connections, which go on beside accepting. A client that fails in
    /// it is an everyday matter; what the user's settings throw is a bug of this side.
    private final class Handshakes implements TlsHandshake.Listener {
        /// The connection takes its place before the handshake leaves it, so that nobody else does.
        @Override
        public void secured(TlsHandshake handshake, Network.Link link) {
            serve(link);
            forget(handshake);
        }

        @Override
        public void failed(TlsHandshake handshake, Throwable cause) {
            if (isGone()) {
                LOG.debug("{} is gone with its host", handshake);
            } else if (loop.isDebug() || !(cause instanceof IOException)) {
                loop.callExceptionHandler(
                        LoopException.of(
                                        "a TLS handshake failed, so a new connection was closed",
                                        cause)
                                .with("server", StreamServer.this));
            } else {
                LOG.debug("{} failed", handshake, cause);
            }
            forget(handshake);
        }

        private void forget(TlsHandshake handshake) {
            OpenResources.of(loop).remove(handshake);
            remove(handshake);
        }
    }

    /// The factory belongs to the user: where it fails, it is reported and only this connection
    /// closed.
    private void serve(Network.Link link) {
        try {
            add(StreamTransport.start(loop, link, null, factory, this::remove, () -> {}));
        } catch (Throwable failure) {
            Unbearable.rethrow(failure);
            loop.callExceptionHandler(
                    LoopException.of(
                                    "the protocol factory failed, so a new connection was closed",
                                    failure)
                            .with("server", this));
        }
    }

    /// Counts a connection as a client.
    private void add(ServedConnection client) {
        clients.add(client);
    }

    /// Forgets a client that has ended.
    private void remove(ServedConnection client) {
        var wasFull = !hasRoom();
        clients.remove(client);
        if (wasFull && hasRoom()) {
            context.run(() -> List.copyOf(acceptors).forEach(Acceptor::letGo));
        }
        wakeIfClosed();
    }

    /// Who took the last place is the last to be offered the next one, so that no listener starves.
    private void becomeFull(Acceptor last) {
        acceptors.forEach(Acceptor::hold);
        acceptors.remove(last);
        acceptors.add(last);
    }

    @Override
    public List<SocketAddress> addresses() {
        loop.checkThread("Server.addresses");
        return state == State.CLOSED
                ? List.of()
                : listeners.stream().map(Network.Listener::address).toList();
    }

    @Override
    public boolean isServing() {
        loop.checkThread("Server.isServing");
        return state == State.SERVING;
    }

    @Override
    public void startServing() {
        loop.checkThread("Server.startServing");
        checkOpen();
        if (state == State.IDLE) {
            state = State.SERVING;
            context.run(() -> List.copyOf(acceptors).forEach(Acceptor::start));
        }
    }

    private void checkOpen() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("the server is closed; create another one");
        }
    }

    @Override
    public void serveForever() {
        loop.checkThread("Server.serveForever");
        checkOpen();
        if (servingForever) {
            throw new IllegalStateException("another coroutine is in serveForever() of " + this);
        }
        servingForever = true;
        try {
            startServing();
            awaitEnd();
        } finally {
            servingForever = false;
            close();
            waitClosed();
        }
    }

    @Override
    public void close() {
        loop.checkThread("Server.close");
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        OpenResources.of(loop).remove(this);
        List.copyOf(acceptors).forEach(Acceptor::close);
        wakeIfClosed();
    }

    @Override
    public void closeWithLoop() {
        if (!isGone()) {
            var report =
                    LoopException.of("a server was never closed: " + this, null)
                            .with("server", this);
            loop.callExceptionHandler(
                    createdAt == null ? report : report.with("created at", createdAt));
        }
        close();
    }

    /// All listeners are on one host.
    private boolean isGone() {
        return listeners.stream().anyMatch(Network.Listener::isGone);
    }

    @Override
    public void closeClients() {
        loop.checkThread("Server.closeClients");
        List.copyOf(clients).forEach(ServedConnection::close);
    }

    @Override
    public void abortClients() {
        loop.checkThread("Server.abortClients");
        List.copyOf(clients).forEach(ServedConnection::abort);
    }

    @Override
    public void waitClosed() {
        loop.checkThread("Server.waitClosed");
        if (!isEnded()) {
            awaitEnd();
        }
    }

    private boolean isEnded() {
        return state == State.CLOSED && clients.isEmpty();
    }

    private void awaitEnd() {
        LoopFuture<@Nullable Void> ended = loop.createFuture();
        closeWaiters.add(ended);
        try {
            ended.await();
        } finally {
            closeWaiters.remove(ended);
        }
    }

    private void wakeIfClosed() {
        if (isEnded()) {
            LiveServers.of(loop).remove(this);
            closeWaiters.forEach(Readiness::complete);
        }
    }

    @Override
    public ShutdownReport shutdown(Duration grace) {
        loop.checkThread("Server.shutdown");
        Objects.requireNonNull(grace, "grace");
        close();
        try {
            awaitEndAtMost(grace);
        } finally {
            for (var client : List.copyOf(clients)) {
                if (!client.hasEnded()) {
                    cut.add(client.peerAddress());
                    client.abort();
                }
            }
        }
        waitClosed();
        return new ShutdownReport(cut);
    }

    private void awaitEndAtMost(Duration grace) {
        if (isEnded() || !grace.isPositive()) {
            return;
        }
        LoopFuture<@Nullable Void> ended = loop.createFuture();
        closeWaiters.add(ended);
        var timer = loop.callLater(grace, () -> Readiness.complete(ended));
        try {
            ended.await();
        } finally {
            timer.cancel();
            closeWaiters.remove(ended);
        }
    }

    @Override
    public String toString() {
        var text = new StringBuilder("Server[");
        listeners.forEach(listener -> text.append(Addresses.text(listener.address())).append(", "));
        return text.append(state)
                .append(", clients: ")
                .append(clients.size())
                .append(']')
                .toString();
    }
}
