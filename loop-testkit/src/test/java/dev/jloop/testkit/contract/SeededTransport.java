package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;

import org.junit.jupiter.params.Parameter;

/// Connections between two simulated hosts, cut into pieces and scheduled by a seed.
abstract class SeededTransport extends HostsTransportTest {
    @Parameter private long seed;

    @Override
    protected EventLoop newLoop() {
        return TwoHosts.rough(seed);
    }

    @Override
    protected int largeTransfer() {
        return 256 * 1024;
    }
}
