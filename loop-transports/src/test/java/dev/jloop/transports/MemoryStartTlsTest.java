package dev.jloop.transports;

/// Upgrades over a network in memory, on virtual time.
class MemoryStartTlsTest extends StartTlsContract {
    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }
}
