package dev.jloop.testkit;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Objects;

/// One end of a connection of Unix sockets within a simulated host, or where a server listens.
/// Clients have no path, so each has a number instead.
final class UnixEnd extends SocketAddress {
    private static final long serialVersionUID = 1;

    /// As it was given, which is what users see; empty at a client.
    private final String path;

    private final long client;

    private UnixEnd(String path, long client) {
        this.path = path;
        this.client = client;
    }

    static UnixEnd ofServer(UnixDomainSocketAddress address) {
        return new UnixEnd(address.getPath().toString(), 0);
    }

    static UnixEnd ofClient(long number) {
        return new UnixEnd("", number);
    }

    String path() {
        return path;
    }

    /// {@return the name of the file on its host, where every path starts at the root}
    String file() {
        return Path.of("/").resolve(path).normalize().toString();
    }

    /// {@return what users see of an end of a connection} Other addresses stay what they are.
    static SocketAddress visible(SocketAddress end) {
        return end instanceof UnixEnd unix ? UnixDomainSocketAddress.of(unix.path) : end;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UnixEnd end && path.equals(end.path) && client == end.client;
    }

    @Override
    public int hashCode() {
        return Objects.hash(path, client);
    }

    @Override
    public String toString() {
        return "unix:" + (path.isEmpty() ? "#" + client : path);
    }
}
