package dev.jloop.transports;

/// TLS 1.2 over a network in memory, on virtual time.
class MemoryTls12Test extends TlsContract {
    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }

    @Override
    String version() {
        return "TLSv1.2";
    }
}
