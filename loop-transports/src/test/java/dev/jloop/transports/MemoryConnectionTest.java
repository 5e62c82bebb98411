package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Collections;

/// What of connections can be seen only from below, over a network in memory.
class MemoryConnectionTest extends ConnectionPairs {
    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }

    private static MemoryNetwork.MemoryLink clientLink(TestRun run) {
        return ((MemoryNetwork) Network.of(run.loop)).links.getFirst();
    }

    @Test
    void theWritesOfOneTurnLeaveInOneCall() {
        withPair((run, pair) -> {
            for (var piece = 0; piece < 10; piece++) {
                pair.client().transport.write(bytes("piece"));
                pair.client().transport.write(Unpooled.wrappedBuffer(bytes(" and ")));
            }
            assertThat(clientLink(run).writeCalls).isZero();
            pair.server().awaitBytes(100);
            assertThat(clientLink(run).writeCalls).isEqualTo(1);
        });
    }

    @Test
    void theReaderIsRegisteredOnceForManyMessages() {
        withPair((run, pair) -> {
            for (var message = 1; message <= 20; message++) {
                pair.server().transport.write(bytes("x"));
                pair.client().awaitBytes(message);
            }
            assertThat(clientLink(run).readerChanges).isEqualTo(1);
        });
    }

    @Test
    void abortTakesTheWatchesAwayAndClosesTheLink() {
        withPair((run, pair) -> {
            fill(pair.client(), pair.server());
            assertThat(clientLink(run).isWatchedForWriting()).isTrue();
            pair.client().transport.abort();
            assertThat(clientLink(run).isWatchedForWriting()).isFalse();
            assertThat(clientLink(run).isWatchedForReading()).isFalse();
            pair.client().await("lost");
            Async.yieldNow();
            assertThat(clientLink(run).isClosed()).isTrue();
        });
    }

    @Test
    void manySmallWritesOfOneTurnLeaveInOneCall() {
        withPair((run, pair) -> {
            for (var piece = 0; piece < 600; piece++) {
                pair.client().transport.write(new byte[100]);
            }
            pair.server().awaitBytes(60_000);
            assertThat(clientLink(run).writeCalls).isEqualTo(1);
            for (var piece = 0; piece < 1000; piece++) {
                pair.client().transport.write(Unpooled.wrappedBuffer(new byte[10]));
            }
            pair.server().awaitBytes(70_000);
            assertThat(clientLink(run).writeCalls).isEqualTo(2);
        });
    }

    @Test
    void smallPiecesLeaveInOneCallHoweverLowTheMarksAre() {
        withPair((run, pair) -> {
            pair.client().transport.setWriteBufferLimits(0);
            var pieces = Collections.nCopies(50, new byte[100]);
            pair.client().transport.writev(pieces.stream().map(ByteBuffer::wrap).toList());
            pair.server().awaitBytes(5000);
            assertThat(clientLink(run).writeCalls).isEqualTo(1);
            assertThat(pair.client().events).containsExactly("made");
        });
    }
}
