package dev.jloop.transports;

/// Files over the loopback interface.
class SocketSendFileTest extends SendFileContract {
    @Override
    void onNetwork(TestRun.Body body) {
        TestRun.onSockets(body);
    }
}
