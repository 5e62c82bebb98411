package dev.jloop.transports;

/// TLS 1.2 over the loopback interface.
class SocketTls12Test extends TlsContract {
    @Override
    void onNetwork(TestRun.Body body) {
        TestRun.onSockets(body);
    }

    @Override
    String version() {
        return "TLSv1.2";
    }
}
