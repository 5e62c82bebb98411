package dev.jloop.benchmarks.peers;

import dev.jloop.netty.NettyProtocol;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Net;
import dev.jloop.transports.Protocol;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// Our protocols: callbacks on a transport. HTTP is Netty's codec over it.
final class JloopProtocolServer implements PeerServer {
    @Override
    public int listen(Service service) throws Exception {
        return LoopThread.listen(() ->
                Net.createServer(
                        () -> protocol(service),
                        PeerServer.loopback(),
                        ListenOptions.DEFAULTS.withBacklog(BACKLOG)));
    }

    private static Protocol protocol(Service service) {
        return switch (service) {
            case ECHO -> new Echo();
            case HTTP -> new NettyProtocol(HttpGreeter::addTo);
        };
    }

    static final class Echo implements StreamingProtocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(ByteBuf data) {
            Objects.requireNonNull(transport).write(data.retain());
        }

        @Override
        public void pauseWriting() {
            Objects.requireNonNull(transport).pauseReading();
        }

        @Override
        public void resumeWriting() {
            Objects.requireNonNull(transport).resumeReading();
        }
    }
}
