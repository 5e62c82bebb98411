package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;

import org.junit.jupiter.params.Parameter;

/// Streams between two simulated hosts, cut into pieces and scheduled by a seed.
abstract class SeededStream extends HostsStreamTest {
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
