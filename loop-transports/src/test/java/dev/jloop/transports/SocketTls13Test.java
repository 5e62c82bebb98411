package dev.jloop.transports;

/// TLS 1.3 over the loopback interface.
class SocketTls13Test extends TlsContract {
    @Override
    void onNetwork(TestRun.Body body) {
        TestRun.onSockets(body);
    }

    @Override
    String version() {
        return "TLSv1.3";
    }
}
