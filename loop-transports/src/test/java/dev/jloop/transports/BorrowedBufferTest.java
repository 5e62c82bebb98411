package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// What a protocol may do with the buffer it borrows, and what it does to others if it does more.
@ExtendWith(LeakCheck.class)
class BorrowedBufferTest {
    /// Ways to give a borrowed buffer away.
    enum Form {
        ITSELF,
        SLICE,
        WRAPPED,
        IN_A_COMPOSITE;

        ByteBuf of(ByteBuf data) {
            return switch (this) {
                case ITSELF -> data;
                case SLICE -> data.slice(0, 2);
                case WRAPPED -> Unpooled.wrappedBuffer(data);
                case IN_A_COMPOSITE ->
                        Unpooled.wrappedBuffer(data, Unpooled.wrappedBuffer(new byte[1]));
            };
        }
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static RecordingProtocol connectTo(Server server) throws IOException {
        var address = server.addresses().getFirst();
        return Net.createConnection(RecordingProtocol::new, address).protocol();
    }

    private static RecordingProtocol echo(UnaryOperator<ByteBuf> change) {
        var protocol = new RecordingProtocol();
        protocol.onData = data -> protocol.transport.write(change.apply(data));
        return protocol;
    }

    private static void withServer(Supplier<RecordingProtocol> factory, ServerBody body) {
        MemoryNetwork.run(run -> {
            try (var server = Net.createServer(factory, loopback())) {
                body.run(run, server);
            }
        });
    }

    @FunctionalInterface
    private interface ServerBody {
        void run(TestRun run, Server server) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenWithoutRetainNeverGoesToAnotherConnection(Form form) {
        withServer(
                () -> echo(form::of),
                (run, server) -> {
                    var first = connectTo(server);
                    var second = connectTo(server);
                    first.transport.write("AAAA".getBytes(US_ASCII));
                    second.transport.write("BBBB".getBytes(US_ASCII));
                    first.awaitLost();
                    second.awaitLost();
                    assertThat(first.text()).isEmpty();
                    assertThat(second.text()).isEmpty();
                    assertThat(run.takeReports())
                            .as("one for each of the two connections")
                            .hasSize(2)
                            .allSatisfy(report ->
                                    assertThat(report.message() + report.exception())
                                            .containsPattern("call retain\\(\\) (before|first)"));
                });
    }

    @Test
    void aRefusedWriteNamesTheRemedyAndLeavesTheBufferUsable() {
        var server = new RecordingProtocol();
        server.onData =
                data -> {
                    assertThatThrownBy(() -> server.transport.write(data))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage(
                                    "this buffer is only borrowed: call retain() before giving it"
                                            + " away");
                    server.transport.write(data.retain());
                };
        withServer(
                () -> server,
                (_, listening) -> {
                    var client = connectTo(listening);
                    client.transport.write("back".getBytes(US_ASCII));
                    client.awaitText("back");
                    client.transport.close();
                    client.awaitLost();
                    server.awaitLost();
                });
    }

    @Test
    void otherConnectionsReadOnAfterOneHasReleasedTooOften() {
        var bad = new RecordingProtocol();
        bad.onData =
                data -> {
                    data.release();
                    data.release();
                };
        withServer(
                () -> bad.transport == null ? bad : echo(ByteBuf::retain),
                (run, server) -> {
                    var client = connectTo(server);
                    client.transport.write(new byte[1]);
                    client.awaitLost();
                    assertThat(run.takeReports()).isNotEmpty();
                    for (var round = 0; round < 3; round++) {
                        var other = connectTo(server);
                        other.transport.write("fine".getBytes(US_ASCII));
                        other.awaitText("fine");
                        other.transport.close();
                        other.awaitLost();
                    }
                });
    }

    @Test
    void whatWaitsToBeSentKeepsItsBytesWhileOthersRead() {
        var echoes = new ArrayList<RecordingProtocol>();
        withServer(
                () -> {
                    echoes.add(echo(ByteBuf::retain));
                    return echoes.getLast();
                },
                (_, server) -> {
                    var slow = connectTo(server);
                    var busy = connectTo(server);
                    slow.transport.pauseReading();
                    var sent = new byte[400_000];
                    Arrays.fill(sent, (byte) 's');
                    slow.transport.write(sent);
                    while (echoes.getFirst().received.size() < sent.length) {
                        busy.transport.write("b".repeat(1000).getBytes(US_ASCII));
                        Async.yieldNow();
                    }
                    slow.transport.resumeReading();
                    slow.awaitBytes(sent.length);
                    assertThat(slow.received.toByteArray()).isEqualTo(sent);
                    slow.transport.abort();
                    busy.transport.abort();
                    slow.awaitLost();
                    busy.awaitLost();
                    for (var echo : echoes) {
                        echo.awaitLost();
                    }
                });
    }

    @Test
    void theSameMemoryIsReadIntoAgainWhenNothingWasKept() {
        var memories = new HashSet<Long>();
        var server = new RecordingProtocol();
        server.onData = data -> memories.add(address(data));
        withServer(
                () -> server,
                (_, listening) -> {
                    var client = connectTo(listening);
                    for (var message = 1; message <= 100; message++) {
                        client.transport.write(new byte[10_000]);
                        server.awaitBytes(10_000 * message);
                    }
                    assertThat(memories).hasSize(1);
                    client.transport.close();
                    client.awaitLost();
                    server.awaitLost();
                });
    }

    private static long address(ByteBuf data) {
        return MemorySegment.ofBuffer(data.nioBuffer()).address();
    }
}
