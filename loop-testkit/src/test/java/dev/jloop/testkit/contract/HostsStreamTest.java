package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamHandler;
import dev.jloop.streams.StreamOptions;
import dev.jloop.transports.Server;

import java.net.SocketAddress;

/// Streams between two simulated hosts, with a latency.
class HostsStreamTest extends StreamContract {
    @Override
    protected EventLoop newLoop() {
        return TwoHosts.calm();
    }

    @Override
    protected SocketAddress address() {
        return TwoHosts.ANY_PORT;
    }

    @Override
    protected Server startServer(StreamHandler handler, StreamOptions options) {
        return TwoHosts.onServer(() -> super.startServer(handler, options));
    }

    @Override
    protected StreamConnection openConnection(SocketAddress address, StreamOptions options) {
        return TwoHosts.onClient(() -> super.openConnection(TwoHosts.reach(address), options));
    }
}
