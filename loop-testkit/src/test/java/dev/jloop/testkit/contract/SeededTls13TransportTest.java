package dev.jloop.testkit.contract;

import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// TLS 1.3 between two simulated hosts, under few seeds.
@ParameterizedClass(name = "seed {0}")
@MethodSource("dev.jloop.testkit.contract.TwoHosts#fewSeeds")
class SeededTls13TransportTest extends SeededTransport {
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
