package dev.jloop.transports;

/// Files over a network in memory, on virtual time.
class MemorySendFileTest extends SendFileContract {
    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }
}
