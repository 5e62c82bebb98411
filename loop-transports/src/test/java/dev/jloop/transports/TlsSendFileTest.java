package dev.jloop.transports;

/// Files sent over a connection that is secured with TLS.
class TlsSendFileTest extends SendFileContract {
    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }

    @Override
    ConnectOptions connectOptions() {
        return ConnectOptions.DEFAULTS.withTls(TlsOptions.client(TestCertificates.client()));
    }

    @Override
    ListenOptions listenOptions() {
        return ListenOptions.DEFAULTS.withTls(TlsOptions.server(TestCertificates.server()));
    }

    @Override
    boolean halfCloses() {
        return false;
    }
}
