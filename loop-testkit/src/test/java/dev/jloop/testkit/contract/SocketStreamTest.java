package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;

/// Streams over the loopback interface.
class SocketStreamTest extends StreamContract {
    @Override
    protected EventLoop newLoop() {
        return SelectorEventLoop.builder().build();
    }
}
