package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.NetworkChannel;

import javax.net.ssl.SSLSession;

/// Names a piece of further information about a connection: see [Transport#extra(Key)].
///
/// @param <T> the type of the information
/// @since 0.1
public final class Key<T> {
    /// The address of this side.
    public static final Key<SocketAddress> LOCAL_ADDRESS =
            new Key<>("LOCAL_ADDRESS", SocketAddress.class);

    /// The address of the peer, as it was when the connection was made.
    public static final Key<SocketAddress> PEER_ADDRESS =
            new Key<>("PEER_ADDRESS", SocketAddress.class);

    /// The channel below, for its addresses and options only: closing and binding it throw
    /// `UnsupportedOperationException`. There is none on a simulated network.
    public static final Key<NetworkChannel> CHANNEL = new Key<>("CHANNEL", NetworkChannel.class);

    /// The TLS session: protocol version, cipher suite and the certificates of both sides. Null
    /// where the connection is not secured.
    public static final Key<SSLSession> SSL_SESSION = new Key<>("SSL_SESSION", SSLSession.class);

    /// The application protocol agreed on in the TLS handshake; null if none was, or the connection
    /// is not secured.
    public static final Key<String> ALPN_PROTOCOL = new Key<>("ALPN_PROTOCOL", String.class);

    /// The pipe below, to see whether it is open; closing it throws
    /// `UnsupportedOperationException`. Null where the connection is none of
    /// [Net#connectReadPipe(java.util.function.Supplier, java.nio.channels.Pipe.SourceChannel)] and
    /// its kin.
    public static final Key<Channel> PIPE = new Key<>("PIPE", Channel.class);

    /// The process at the other end of a pipe, to see its number and what it is. Null where the
    /// connection is none of [Net#connectReadPipe(java.util.function.Supplier, java.io.InputStream,
    /// ProcessHandle)] and its kin.
    public static final Key<ProcessHandle> SUBPROCESS =
            new Key<>("SUBPROCESS", ProcessHandle.class);

    private final String name;
    private final Class<T> type;

    private Key(String name, Class<T> type) {
        this.name = name;
        this.type = type;
    }

    @Nullable T cast(@Nullable Object value) {
        return type.cast(value);
    }

    @Override
    public String toString() {
        return name;
    }
}
