package dev.jloop.transports;

import java.net.SocketAddress;

/// A connection that a [StreamServer] has accepted and that counts as one of its clients, from
/// [StreamServer#add(ServedConnection)] to [StreamServer#remove(ServedConnection)].
interface ServedConnection {
    /// As [Transport#close()].
    void close();

    /// As [Transport#abort()].
    void abort();

    /// {@return whether it has ended, so that only the news of it is outstanding}
    boolean hasEnded();

    /// {@return the address of the client}
    SocketAddress peerAddress();
}
