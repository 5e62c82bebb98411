package dev.jloop.testkit.contract;

import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;

/// TLS 1.2 within one simulated host.
class SimulatedTls12TransportTest extends SimulatedTransportTest {
    private final Tls tls = new Tls("TLSv1.2");

    @Override
    protected ConnectOptions connectOptions() {
        return tls.connecting();
    }

    @Override
    protected ListenOptions listenOptions() {
        return tls.listening();
    }

    @Override
    protected boolean halfCloses() {
        return false;
    }
}
