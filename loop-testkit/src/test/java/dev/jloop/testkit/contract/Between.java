package dev.jloop.testkit.contract;

import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import java.util.function.UnaryOperator;

/// Stands between a transport and its protocol, and passes everything on.
class Between implements StreamingProtocol {
    private final StreamingProtocol protocol;
    private final UnaryOperator<Transport> wrapping;

    Between(StreamingProtocol protocol, UnaryOperator<Transport> wrapping) {
        this.protocol = protocol;
        this.wrapping = wrapping;
    }

    StreamingProtocol protocol() {
        return protocol;
    }

    @Override
    public void connectionMade(Transport transport) {
        protocol.connectionMade(wrapping.apply(transport));
    }

    @Override
    public void dataReceived(ByteBuf data) {
        protocol.dataReceived(data);
    }

    @Override
    public boolean eofReceived() {
        return protocol.eofReceived();
    }

    @Override
    public void connectionLost(Throwable cause) {
        protocol.connectionLost(cause);
    }

    @Override
    public void pauseWriting() {
        protocol.pauseWriting();
    }

    @Override
    public void resumeWriting() {
        protocol.resumeWriting();
    }
}
