package dev.jloop.transports;

/// Upgrades over the loopback interface.
class SocketStartTlsTest extends StartTlsContract {
    @Override
    void onNetwork(TestRun.Body body) {
        TestRun.onSockets(body);
    }
}
