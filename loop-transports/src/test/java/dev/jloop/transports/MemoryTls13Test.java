package dev.jloop.transports;

/// TLS 1.3 over a network in memory, on virtual time.
class MemoryTls13Test extends TlsContract {
    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }

    @Override
    String version() {
        return "TLSv1.3";
    }
}
