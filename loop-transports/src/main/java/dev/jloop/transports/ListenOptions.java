package dev.jloop.transports;

/// Settings for a server. Immutable; start from [#DEFAULTS].
///
/// @since 0.1
public final class ListenOptions {
    /// A backlog of 100, serving at once, ports not shared.
    public static final ListenOptions DEFAULTS = new ListenOptions(100, true, false);

    private final int backlog;
    private final boolean startServing;
    private final boolean reusePort;

    private ListenOptions(int backlog, boolean startServing, boolean reusePort) {
        this.backlog = backlog;
        this.startServing = startServing;
        this.reusePort = reusePort;
    }

    /// {@return these settings with another backlog}
    ///
    /// @param backlog connections that wait to be accepted, and how many are accepted in one turn
    ///   of the loop; at least 1
    /// @throws IllegalArgumentException if it is less than 1
    public ListenOptions withBacklog(int backlog) {
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog must be at least 1, was " + backlog);
        }
        return new ListenOptions(backlog, startServing, reusePort);
    }

    /// {@return these settings with a server that serves at once, or only after
    /// [Server#startServing()]} Until then connections wait in the backlog.
    ///
    /// @param start true to serve at once
    public ListenOptions withStartServing(boolean start) {
        return new ListenOptions(backlog, start, reusePort);
    }

    /// {@return these settings with a port shared, or not, with other servers that want to share
    /// it}
    ///
    /// @param reuse true to share; the operating system spreads the connections
    public ListenOptions withReusePort(boolean reuse) {
        return new ListenOptions(backlog, startServing, reuse);
    }

    /// {@return connections that wait to be accepted, and how many are accepted in one turn}
    public int backlog() {
        return backlog;
    }

    /// {@return whether the server serves at once}
    public boolean startServing() {
        return startServing;
    }

    /// {@return whether the port may be shared}
    public boolean reusePort() {
        return reusePort;
    }
}
