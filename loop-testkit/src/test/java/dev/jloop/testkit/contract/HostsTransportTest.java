package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.transports.Net;

/// Connections between two simulated hosts, with a latency.
class HostsTransportTest extends TransportContract {
    @Override
    protected EventLoop newLoop() {
        return TwoHosts.calm();
    }

    @Override
    protected void connect(RecordingProtocol client, RecordingProtocol server) {
        try (var listening =
                TwoHosts.onServer(
                        () -> Net.createServer(() -> server, TwoHosts.ANY_PORT, listenOptions()))) {
            var there = TwoHosts.reach(listening);
            var _ =
                    TwoHosts.onClient(
                            () -> Net.createConnection(() -> client, there, connectOptions()));
            server.await(RecordingProtocol.Event.MADE);
        }
    }
}
