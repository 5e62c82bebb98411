package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.nio.channels.NetworkChannel;

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
