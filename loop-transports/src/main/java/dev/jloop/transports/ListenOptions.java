package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// Settings for a server. Immutable; start from [#DEFAULTS].
///
/// @since 0.1
public final class ListenOptions {
    /// No TLS, a backlog of 100, serving at once, any number of connections, ports not shared, no
    /// probes of silent connections, a second between two attempts to accept while that fails, and
    /// socket files cleaned up.
    public static final ListenOptions DEFAULTS = new ListenOptions();

    // Never written once an instance has left the method that made it.
    private @Nullable TlsOptions tls;
    private int backlog = 100;
    private boolean startServing = true;
    private int maxConnections = Integer.MAX_VALUE;
    private boolean reusePort;
    private boolean keepAlive;
    private Duration acceptRetryDelay = Duration.ofSeconds(1);
    private boolean cleanupSocket = true;

    private ListenOptions() {}

    private ListenOptions copy() {
        var copy = new ListenOptions();
        copy.tls = tls;
        copy.backlog = backlog;
        copy.startServing = startServing;
        copy.maxConnections = maxConnections;
        copy.reusePort = reusePort;
        copy.keepAlive = keepAlive;
        copy.acceptRetryDelay = acceptRetryDelay;
        copy.cleanupSocket = cleanupSocket;
        return copy;
    }

    /// {@return these settings with connections that are secured with TLS} A protocol is made, and
    /// its `connectionMade` called, once the handshake has ended. A handshake that fails closes its
    /// connection, and only debug mode reports it, unless it was the settings that threw.
    ///
    /// @param tls the settings of a server
    /// @throws IllegalArgumentException if they are those of a client
    public ListenOptions withTls(TlsOptions tls) {
        if (tls.side() != TlsOptions.Side.SERVER) {
            throw new IllegalArgumentException(
                    "a server needs TlsOptions.server(context), not those of a client");
        }
        var copy = copy();
        copy.tls = tls;
        return copy;
    }

    /// {@return these settings with another backlog}
    ///
    /// @param backlog how many connections may wait to be accepted; at least 1. The operating
    ///   system may lower it. So many of them, but no more than 128, are accepted in one turn of
    ///   the loop
    /// @throws IllegalArgumentException if it is less than 1
    public ListenOptions withBacklog(int backlog) {
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog must be at least 1, was " + backlog);
        }
        var copy = copy();
        copy.backlog = backlog;
        return copy;
    }

    /// {@return these settings with a server that serves at once, or only after
    /// [Server#startServing()]} Until then connections wait in the backlog.
    ///
    /// @param start true to serve at once
    public ListenOptions withStartServing(boolean start) {
        var copy = copy();
        copy.startServing = start;
        return copy;
    }

    /// {@return these settings with a limit of connections} At the limit the server accepts no
    /// more, so that further ones wait in the backlog, until one has ended.
    ///
    /// @param most how many the server has at a time, those in their TLS handshake included; at
    ///   least 1
    /// @throws IllegalArgumentException if it is less than 1
    public ListenOptions withMaxConnections(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("maxConnections must be at least 1, was " + most);
        }
        var copy = copy();
        copy.maxConnections = most;
        return copy;
    }

    /// {@return these settings with a port shared, or not, with other servers that want to share
    /// it}
    ///
    /// @param reuse true to share; the operating system spreads the connections
    public ListenOptions withReusePort(boolean reuse) {
        var copy = copy();
        copy.reusePort = reuse;
        return copy;
    }

    /// {@return these settings with connections that the operating system probes, or not, when they
    /// are silent for long (`SO_KEEPALIVE`)}
    ///
    /// @param keepAlive true to probe them
    public ListenOptions withKeepAlive(boolean keepAlive) {
        var copy = copy();
        copy.keepAlive = keepAlive;
        return copy;
    }

    /// {@return these settings with another pause between two attempts to accept, while that fails
    /// because descriptors or memory have run out}
    ///
    /// @param delay a positive time; one second by default
    /// @throws IllegalArgumentException if it is zero or negative
    public ListenOptions withAcceptRetryDelay(Duration delay) {
        if (!delay.isPositive()) {
            throw new IllegalArgumentException(
                    "the accept retry delay must be positive, was " + delay);
        }
        var copy = copy();
        copy.acceptRetryDelay = delay;
        return copy;
    }

    /// {@return these settings with the file of a Unix socket removed, or not: before listening, if
    /// a server that has ended left it, and on closing, if it is still the one made here} A file
    /// that is not a socket is never removed, nor is the socket of a server that listens: it is
    /// probed, and sees some connections that end at once. Of several servers in one JVM that find
    /// the file of a server that has ended, exactly one listens and the others get a
    /// `java.net.BindException`. Across processes it is the same but for moments: where three race,
    /// or one stands still while it begins to listen, one may lose its file to another.
    ///
    /// @param cleanup true, the default, to remove it
    public ListenOptions withCleanupSocket(boolean cleanup) {
        var copy = copy();
        copy.cleanupSocket = cleanup;
        return copy;
    }

    @Nullable TlsOptions tls() {
        return tls;
    }

    /// {@return how many connections may wait to be accepted}
    public int backlog() {
        return backlog;
    }

    /// {@return whether the server serves at once}
    public boolean startServing() {
        return startServing;
    }

    int maxConnections() {
        return maxConnections;
    }

    /// {@return whether the port may be shared}
    public boolean reusePort() {
        return reusePort;
    }

    /// {@return whether the operating system probes silent connections}
    public boolean keepAlive() {
        return keepAlive;
    }

    Duration acceptRetryDelay() {
        return acceptRetryDelay;
    }

    /// {@return whether the file of a Unix socket is removed before and after}
    public boolean cleanupSocket() {
        return cleanupSocket;
    }
}
