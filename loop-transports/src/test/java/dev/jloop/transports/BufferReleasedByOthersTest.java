package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/// A buffer that was given to `write()` and is released by the user all the same.
@ExtendWith(LeakCheck.class)
class BufferReleasedByOthersTest {
    private static final InetSocketAddress LOOPBACK =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static void writeAndRelease(Transport transport) {
        var buffer = Unpooled.buffer().writeZero(10);
        transport.write(buffer);
        buffer.release();
    }

    @Test
    void theConnectionEndsWithOneReportAndTheServerForgetsIt() {
        MemoryNetwork.run(run -> {
            var accepted = new RecordingProtocol();
            accepted.onConnected = BufferReleasedByOthersTest::writeAndRelease;
            var server = Net.createServer(() -> accepted, LOOPBACK);
            var client =
                    Net.createConnection(RecordingProtocol::new, server.addresses().getFirst());
            accepted.await("broken");
            client.protocol().awaitLost();
            assertThat(server.shutdown(Duration.ofSeconds(1)).cut()).isEmpty();
            assertThat(run.takeReports())
                    .singleElement()
                    .satisfies(
                            report -> assertThat(report.message()).contains("call retain() first"));
        });
    }

    @Test
    void abortStillEndsTheConnectionAndReportsTheMisuse() {
        MemoryNetwork.run(run -> {
            var server = Net.createServer(RecordingProtocol::new, LOOPBACK);
            var client =
                    Net.createConnection(RecordingProtocol::new, server.addresses().getFirst());
            writeAndRelease(client.transport());
            client.transport().abort();
            client.protocol().await("lost");
            server.shutdown(Duration.ofSeconds(1));
            assertThat(run.takeReports())
                    .singleElement()
                    .satisfies(report ->
                            assertThat(report.exception())
                                    .hasMessageContaining("call retain() first"));
        });
    }

    @Test
    void oneBufferForTwoConnectionsReachesOneAndEndsTheOtherWithARemedy() {
        withTwoClients((run, first, second) -> {
            var buffer = Unpooled.buffer().writeZero(10);
            first.write(buffer.retain());
            second.write(buffer);
            ((RecordingProtocol) second.protocol()).await("broken");
            assertThat(first.isClosing()).isFalse();
            assertRemedyIsReported(run);
        });
    }

    @Test
    void oneBufferWrittenTwiceEndsTheConnectionWithARemedy() {
        withTwoClients((run, first, _) -> {
            var buffer = Unpooled.buffer().writeZero(10);
            first.write(buffer.retain());
            first.write(buffer);
            ((RecordingProtocol) first.protocol()).await("broken");
            assertRemedyIsReported(run);
        });
    }

    @Test
    void aBufferThatIsReadFurtherOrFilledFurtherEndsTheConnectionWithARemedy() {
        withTwoClients((run, first, second) -> {
            var emptied = Unpooled.buffer().writeZero(10);
            first.write(emptied);
            emptied.clear();
            var filled = Unpooled.buffer().writeZero(10);
            second.write(filled);
            filled.writeZero(1);
            ((RecordingProtocol) first.protocol()).await("broken");
            ((RecordingProtocol) second.protocol()).await("broken");
            assertThat(run.takeReports())
                    .hasSize(2)
                    .allSatisfy(report ->
                            assertThat(report.exception())
                                    .hasMessageContaining("retainedDuplicate()"));
        });
    }

    private static void assertRemedyIsReported(TestRun run) {
        assertThat(run.takeReports())
                .singleElement()
                .satisfies(report ->
                        assertThat(report.exception()).hasMessageContaining("retainedDuplicate()"));
    }

    private interface TwoClients {
        void run(TestRun run, Transport first, Transport second) throws Exception;
    }

    private static void withTwoClients(TwoClients body) {
        MemoryNetwork.run(run -> {
            var server = Net.createServer(RecordingProtocol::new, LOOPBACK);
            var address = server.addresses().getFirst();
            var first = Net.createConnection(RecordingProtocol::new, address).transport();
            var second = Net.createConnection(RecordingProtocol::new, address).transport();
            body.run(run, first, second);
            first.abort();
            second.abort();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void theOthersAreSentAndClosedWhenTheLoopCloses() {
        var loop = VirtualTime.newLoop();
        var network = MemoryNetwork.on(loop);
        var reports =
                TestRun.runAndTakeReports(
                        loop,
                        _ -> {
                            var server = Net.createServer(RecordingProtocol::new, LOOPBACK);
                            var address = server.addresses().getFirst();
                            var first = Net.createConnection(RecordingProtocol::new, address);
                            var second = Net.createConnection(RecordingProtocol::new, address);
                            writeAndRelease(first.transport());
                            second.transport().write(new byte[7]);
                            loop.stop();
                        });
        assertThat(reports).isNotEmpty();
        assertThat(network.links).isNotEmpty().allMatch(MemoryNetwork.MemoryLink::isClosed);
    }
}
