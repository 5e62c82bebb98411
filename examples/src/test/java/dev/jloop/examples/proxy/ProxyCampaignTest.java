package dev.jloop.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.examples.MemoryInUse;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;

/// Much goes through the proxy, over the loopback interface and on one loop, and memory stays flat.
class ProxyCampaignTest {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyCampaignTest.class);
    private static final long MEBIBYTE = 1024 * 1024;
    private static final int PIECE_BYTES = 256 * 1024;

    /// Far less than what goes through, and enough for what the JVM does beside it.
    private static final long MOST_GROWTH = 16 * MEBIBYTE;

    @Test
    void memoryStaysFlatWhile100MebibytesGoThrough() {
        passThrough(100 * MEBIBYTE);
    }

    @Test
    @Tag("nightly")
    void memoryStaysFlatWhile10GibibytesGoThrough() {
        passThrough(Long.getLong("jloop.proxyMebibytes", 10 * 1024) * MEBIBYTE);
    }

    private static void passThrough(long bytes) {
        Async.run(() -> {
            var server = Streams.startServer((_, writer) -> send(writer, bytes), "127.0.0.1", 0);
            var port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
            try (var proxy = ProxyServer.start("127.0.0.1", 0, "127.0.0.1", port);
                    var client = Streams.openConnection("127.0.0.1", proxy.port())) {
                receive(client.reader(), bytes / 10);
                var before = MemoryInUse.now();
                var start = System.nanoTime();
                receive(client.reader(), bytes - bytes / 10 * 2);
                var seconds = (System.nanoTime() - start) / 1e9;
                var after = MemoryInUse.now();
                receive(client.reader(), bytes / 10);
                assertThat(client.reader().readAll()).isEmpty();
                LOG.info(
                        "{} MiB in {} s; before: {}; after: {}",
                        bytes / MEBIBYTE,
                        seconds,
                        before,
                        after);
                assertThat(after.heap() - before.heap()).as("heap").isLessThan(MOST_GROWTH);
                assertThat(after.direct() - before.direct()).as("direct").isLessThan(MOST_GROWTH);
            }
            server.close();
            server.waitClosed();
        });
    }

    private static void send(StreamWriter writer, long bytes) throws IOException {
        var piece = new byte[PIECE_BYTES];
        for (var left = bytes; left > 0; left -= piece.length) {
            writer.write(left < piece.length ? new byte[(int) left] : piece);
        }
    }

    private static void receive(StreamReader reader, long bytes) throws IOException {
        for (var left = bytes; left > 0; ) {
            var buffer = reader.readBuffer((int) Math.min(left, Integer.MAX_VALUE));
            assertThat(buffer.isReadable()).isTrue();
            left -= buffer.readableBytes();
            buffer.release();
        }
    }
}
