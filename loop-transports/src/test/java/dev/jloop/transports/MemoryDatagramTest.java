package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

/// Datagrams over a network in memory, on virtual time.
class MemoryDatagramTest extends DatagramContract {
    @Override
    EventLoop newLoop() {
        return VirtualTime.newLoop();
    }

    @Override
    Network newNetwork(EventLoop loop) {
        return new MemoryNetwork(loop);
    }

    @Override
    InetSocketAddress unused() {
        return new InetSocketAddress(LOCALHOST, 7);
    }

    /// Has streams only.
    private static final class StreamsOnly implements Network {
        @Override
        public List<InetAddress> resolve(String host) {
            throw new AssertionError("not needed");
        }

        @Override
        public Link connect(SocketAddress remote, SocketAddress local) {
            throw new AssertionError("not needed");
        }

        @Override
        public Listener listen(SocketAddress address, ListenOptions options) {
            throw new AssertionError("not needed");
        }
    }

    @Test
    void aNetworkWithoutDatagramsSaysSo() {
        TestRun.run(
                newLoop(),
                run -> {
                    run.loop.provideService(Network.class, new StreamsOnly());
                    assertThatThrownBy(() -> open(ANY_PORT, null))
                            .isInstanceOf(UnsupportedOperationException.class)
                            .hasMessageContaining("StreamsOnly has no datagrams");
                });
    }
}
