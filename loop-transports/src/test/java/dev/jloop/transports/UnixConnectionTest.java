package dev.jloop.transports;

import org.junit.jupiter.api.io.TempDir;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/// Connections through a file of this machine.
class UnixConnectionTest extends TransportContract {
    @TempDir private Path folder;

    @Override
    void onNetwork(TestRun.Body body) {
        TestRun.onSockets(body);
    }

    @Override
    SocketAddress address() {
        return UnixDomainSocketAddress.of(folder.resolve("socket"));
    }

    /// A Unix socket has no way to reset: what is on its way arrives, and then the end.
    @Override
    boolean resets() {
        return false;
    }
}
