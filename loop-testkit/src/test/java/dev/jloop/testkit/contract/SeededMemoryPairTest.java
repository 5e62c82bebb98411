package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.testkit.VirtualTimeLoop;

import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;

/// Pairs in memory under some seeds, the other way round.
@ParameterizedClass(name = "seed {0}")
@MethodSource("dev.jloop.testkit.contract.TwoHosts#someSeeds")
class SeededMemoryPairTest extends MemoryPairTransportTest {
    @Parameter private long seed;

    @Override
    protected EventLoop newLoop() {
        return VirtualTimeLoop.seeded(seed);
    }

    @Override
    protected int largeTransfer() {
        return 256 * 1024;
    }

    @Override
    protected void connect(RecordingProtocol client, RecordingProtocol server) throws IOException {
        super.connect(server, client);
    }
}
