package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;

/// What a transport says to whoever uses it in a wrong way.
class RefusalsTest extends ConnectionPairs {
    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }

    @Test
    void writingAfterTheEndOfTheOutputIsRefused() {
        withPair((_, pair) -> {
            pair.client().transport.writeEof();
            assertThatThrownBy(() -> pair.client().transport.write(bytes("x")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("after writeEof()");
        });
    }

    @Test
    void wrongMarksAreTold() {
        withPair((_, pair) ->
                assertThatThrownBy(() -> pair.client().transport.setWriteBufferLimits(1, 2))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("high was 1 and low was 2"));
    }

    @Test
    void aProtocolOfNoKindIsToldTheTwoKinds() {
        withPair((_, pair) ->
                assertThatThrownBy(() -> pair.client().transport.setProtocol(new Protocol() {}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(
                                "must implement StreamingProtocol or BufferedProtocol"));
    }

    @Test
    void aProtocolThatReleasesWhatItBorrowedIsToldSo() {
        var server = new RecordingProtocol();
        server.onData = ByteBuf::release;
        withPair(
                new RecordingProtocol(),
                server,
                (run, pair) -> {
                    pair.client().transport.write(bytes("x"));
                    pair.server().awaitLost();
                    assertThat(run.takeReports())
                            .singleElement()
                            .satisfies(report ->
                                    assertThat(report.exception())
                                            .hasMessageContaining("only borrowed"));
                });
    }

    @Test
    void aBufferWithoutSpaceIsToldSo() {
        withPair((run, pair) -> {
            pair.server()
                    .transport
                    .setProtocol(
                            new BufferedProtocol() {
                                @Override
                                public ByteBuffer getBuffer(int sizeHint) {
                                    return ByteBuffer.allocate(0);
                                }

                                @Override
                                public void bufferUpdated(int count) {
                                    throw new AssertionError("read " + count + " bytes");
                                }

                                @Override
                                public void connectionLost(Throwable cause) {
                                    pair.server().connectionLost(cause);
                                }
                            });
            pair.client().transport.write(bytes("x"));
            pair.server().await("broken");
            assertThat(run.takeReports())
                    .singleElement()
                    .satisfies(report ->
                            assertThat(report.exception()).hasMessageContaining("without space"));
        });
    }
}
