package dev.jloop.testkit.contract;

import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;

/// TLS 1.2 over the loopback interface.
class SocketTls12TransportTest extends SocketTransportTest {
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
