package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.io.TempDir;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/// Connections through a file of this machine.
class UnixTransportTest extends TransportContract {
    @TempDir private Path folder;
    private int sockets;

    @Override
    protected EventLoop newLoop() {
        return SelectorEventLoop.builder().build();
    }

    @Override
    protected SocketAddress address() {
        return UnixDomainSocketAddress.of(folder.resolve("socket" + sockets++));
    }

    /// A Unix socket has no way to reset: what is on its way arrives, and then the end.
    @Override
    protected boolean resets() {
        return false;
    }
}
