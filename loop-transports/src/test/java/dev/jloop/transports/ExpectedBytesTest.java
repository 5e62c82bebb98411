package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.SelectorPoller;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;

/// What a loop's poller is told of the reads to come.
class ExpectedBytesTest {
    /// Also remembers who is told of channels, in the order in which they came.
    private static final class RememberingPoller implements Poller {
        final List<Listener> listeners = new ArrayList<>();
        private final SelectorPoller poller = SelectorPoller.open();

        @Override
        public void register(SelectableChannel channel, Listener listener) throws IOException {
            listeners.add(listener);
            poller.register(channel, listener);
        }

        @Override
        public Listener listener(SelectableChannel channel) {
            return poller.listener(channel);
        }

        @Override
        public void setInterest(SelectableChannel channel, int operations) {
            poller.setInterest(channel, operations);
        }

        @Override
        public int poll(long timeoutNanos) throws IOException {
            return poller.poll(timeoutNanos);
        }

        @Override
        public void wakeup() {
            poller.wakeup();
        }

        @Override
        public void close() throws IOException {
            poller.close();
        }

        private int most() {
            return listeners.stream().mapToInt(Listener::expectedBytes).max().orElse(0);
        }
    }

    private final RememberingPoller poller = new RememberingPoller();

    @Test
    void aConnectionExpectsWhatItHasReadAndForgetsItSlowly() {
        TestRun.run(
                SelectorEventLoop.builder().poller(poller).build(),
                _ -> {
                    var received = new RecordingProtocol();
                    var server =
                            Net.createServer(
                                    () -> received,
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                    var client = new RecordingProtocol();
                    Net.createConnection(() -> client, server.addresses().getFirst());
                    assertThat(poller.most()).isZero();
                    send(client, received, 1500);
                    assertThat(poller.most()).as("the power of two below").isEqualTo(1024);
                    send(client, received, 1);
                    assertThat(poller.most()).as("a message may come in parts").isEqualTo(1024);
                    for (var message = 0; message < 100; message++) {
                        send(client, received, 1);
                    }
                    assertThat(poller.most()).isLessThan(16);
                    client.transport.close();
                    received.await("lost");
                    server.close();
                });
    }

    private static void send(RecordingProtocol from, RecordingProtocol to, int bytes) {
        var expected = to.received.size() + bytes;
        from.transport.write(new byte[bytes]);
        to.awaitBytes(expected);
    }
}
