package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.testkit.MemoryPair;
import dev.jloop.testkit.VirtualTimeLoop;

import java.io.IOException;

/// Pairs in memory.
class MemoryPairTransportTest extends TransportContract {
    @Override
    protected EventLoop newLoop() {
        return VirtualTimeLoop.create();
    }

    @Override
    protected void connect(RecordingProtocol client, RecordingProtocol server) throws IOException {
        MemoryPair.connect(client, server);
    }
}
