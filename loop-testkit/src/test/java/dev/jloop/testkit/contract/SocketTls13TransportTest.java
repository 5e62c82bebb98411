package dev.jloop.testkit.contract;

import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;

/// TLS 1.3 over the loopback interface.
class SocketTls13TransportTest extends SocketTransportTest {
    private final Tls tls = new Tls("TLSv1.3");

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
