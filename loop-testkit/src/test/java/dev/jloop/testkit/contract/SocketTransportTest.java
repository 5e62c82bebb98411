package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;

/// Connections over the loopback interface.
class SocketTransportTest extends TransportContract {
    @Override
    protected EventLoop newLoop() {
        return SelectorEventLoop.builder().build();
    }
}
