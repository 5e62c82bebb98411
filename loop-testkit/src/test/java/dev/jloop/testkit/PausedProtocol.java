package dev.jloop.testkit;

import dev.jloop.core.LoopFuture;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Reads nothing until it is told to, then counts, and notes what happens to it.
final class PausedProtocol implements StreamingProtocol {
    /// A connection at the side of the server.
    record Accepted(Transport transport, PausedProtocol protocol) {}

    private final @Nullable LoopFuture<Accepted> made;
    final List<String> events = new ArrayList<>();
    int received;

    /// @param made gets the connection once it is made; null for nobody
    PausedProtocol(@Nullable LoopFuture<Accepted> made) {
        this.made = made;
    }

    @Override
    public void connectionMade(Transport transport) {
        events.add("made");
        transport.pauseReading();
        if (made != null) {
            made.setResult(new Accepted(transport, this));
        }
    }

    @Override
    public void dataReceived(ByteBuf data) {
        received += data.readableBytes();
    }

    @Override
    public void connectionLost(@Nullable Throwable cause) {
        events.add("lost " + cause);
    }
}
