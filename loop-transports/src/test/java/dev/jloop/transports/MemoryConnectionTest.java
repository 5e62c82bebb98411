package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;

/// Connections over a network in memory, on virtual time; and what can be seen only from below.
class MemoryConnectionTest extends ConnectionContract {
    @Override
    void onNetwork(TestRun.Body body) {
        TestRun.run(
                VirtualTime.newLoop(),
                run -> {
                    MemoryNetwork.on(run.loop);
                    body.run(run);
                });
    }

    private static MemoryNetwork.MemoryLink clientLink(TestRun run) {
        return ((MemoryNetwork) Network.of(run.loop)).links.getFirst();
    }

    @Test
    void theWritesOfOneTurnLeaveInOneCall() {
        withPair((run, pair) -> {
            for (var piece = 0; piece < 10; piece++) {
                pair.client().transport.write(bytes("piece"));
                pair.client()
                        .transport
                        .write(io.netty.buffer.Unpooled.wrappedBuffer(bytes(" and ")));
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
}
