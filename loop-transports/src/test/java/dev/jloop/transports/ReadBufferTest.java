package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// How the memory that a loop reads into is used while parts of it are retained.
class ReadBufferTest extends ConnectionPairs {
    /// Two of them fit into one memory, and of a third more than what is worth a read.
    private static final int MESSAGE_BYTES = 100 * 1024;

    private static final int MEMORY_BYTES = 256 * 1024;

    /// What a loop keeps to read into, whether it needs it or not.
    private static final long MOST_KEPT_BYTES = 4 * MEMORY_BYTES;

    private final List<ByteBuf> retained = new ArrayList<>();

    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }

    @FunctionalInterface
    private interface PairsBody {
        void run(List<Pair> pairs) throws Exception;
    }

    private void withPairs(int count, PairsBody body) {
        onNetwork(_ -> {
            var pairs = new ArrayList<Pair>();
            for (var made = 0; made < count; made++) {
                pairs.add(connect(new RecordingProtocol(), retaining()));
            }
            try {
                body.run(pairs);
            } finally {
                releaseAll();
                pairs.forEach(Pair::closeBoth);
            }
        });
    }

    private RecordingProtocol retaining() {
        var protocol = new RecordingProtocol();
        protocol.onData = data -> retained.add(data.retain());
        return protocol;
    }

    private void releaseAll() {
        retained.forEach(ByteBuf::release);
        retained.clear();
    }

    /// One message on each connection, all of which are read before one is released.
    private static void sendOnEach(List<Pair> pairs) {
        var whole = pairs.getFirst().server().received.size() + MESSAGE_BYTES;
        for (var pair : pairs) {
            pair.client().transport.write(new byte[MESSAGE_BYTES]);
        }
        for (var pair : pairs) {
            pair.server().awaitBytes(whole);
        }
    }

    private static long usedBytes() {
        return UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    @Test
    void aMessageIsReadInOnePieceThoughOthersAreRetained() {
        withPairs(
                7,
                pairs -> {
                    sendOnEach(pairs); // now it is known how much comes
                    releaseAll();
                    for (var round = 0; round < 50; round++) {
                        sendOnEach(pairs);
                        assertThat(retained)
                                .extracting(ByteBuf::readableBytes)
                                .hasSize(7)
                                .containsOnly(MESSAGE_BYTES);
                        releaseAll();
                    }
                });
    }

    @Test
    void whatIsReleasedIsReadIntoAgain() {
        var before = usedBytes();
        withPairs(
                6,
                pairs -> {
                    sendOnEach(pairs);
                    releaseAll();
                    for (var round = 0; round < 50; round++) {
                        sendOnEach(pairs);
                        assertThat(usedBytes() - before).isLessThanOrEqualTo(MOST_KEPT_BYTES);
                        releaseAll();
                    }
                });
        assertThat(usedBytes()).isEqualTo(before);
    }

    @Test
    void whatIsRetainedKeepsNoMoreThanItsMemoriesAndNothingWhenItIsReleased() {
        var before = usedBytes();
        withPairs(
                4,
                pairs -> {
                    for (var round = 0; round < 10; round++) {
                        sendOnEach(pairs);
                    }
                    assertThat(usedBytes() - before)
                            .as("two messages in each memory")
                            .isLessThanOrEqualTo(20L * MEMORY_BYTES + MOST_KEPT_BYTES);
                    releaseAll();
                    assertThat(usedBytes() - before).isLessThanOrEqualTo(MOST_KEPT_BYTES);
                });
        assertThat(usedBytes()).isEqualTo(before);
    }
}
