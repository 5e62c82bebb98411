package dev.jloop.transports;

/// Upgrades of connections that are secured already.
class TlsOverTlsTest extends StartTlsContract {
    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }

    @Override
    ConnectOptions connectOptions() {
        return ConnectOptions.DEFAULTS.withTls(CONNECTING);
    }

    @Override
    ListenOptions listenOptions() {
        return ListenOptions.DEFAULTS.withTls(SERVING);
    }

    @Override
    boolean halfCloses() {
        return false;
    }
}
