package dev.jloop.core.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

@Timeout(30)
class SelectorPollerTest {
    private static final int MOST_AT_ONCE = 64;

    private final SelectorPoller poller = SelectorPoller.open();
    private final List<Pipe> pipes = new ArrayList<>();

    /// The numbers of the pipes that were told of, in order.
    private final List<Integer> told = new ArrayList<>();

    @AfterEach
    void closeAll() throws IOException {
        for (var pipe : pipes) {
            pipe.source().close();
            pipe.sink().close();
        }
        poller.close();
    }

    /// Each with a byte to read.
    private void openReadyPipes(int count) throws IOException {
        for (var i = 0; i < count; i++) {
            var pipe = Pipe.open();
            pipes.add(pipe);
            pipe.source().configureBlocking(false);
            var number = i;
            poller.register(pipe.source(), _ -> told.add(number));
            poller.setInterest(pipe.source(), SelectionKey.OP_READ);
            pipe.sink().write(ByteBuffer.wrap(new byte[] {1}));
        }
    }

    @Test
    void aPollTellsOfSixtyFourChannelsAndTheNextOnesOfTheRestWithoutWaiting() throws IOException {
        openReadyPipes(150);

        assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(MOST_AT_ONCE);
        assertThat(told).hasSize(MOST_AT_ONCE);
        assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(MOST_AT_ONCE);
        assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(150 - 2 * MOST_AT_ONCE);

        assertThat(told).hasSize(150);
        assertThat(new HashSet<>(told)).hasSize(150);
    }

    @Test
    void aChannelThatIsStillReadyIsToldOfAgainOnlyAfterAllOthers() throws IOException {
        openReadyPipes(100);
        while (told.size() < 101) {
            poller.poll(Long.MAX_VALUE);
        }

        assertThat(Set.copyOf(told.subList(0, 100))).hasSize(100);
    }

    @Test
    void whoHasLostInterestOrWasClosedMeanwhileIsNotToldOf() throws IOException {
        openReadyPipes(100);
        poller.poll(Long.MAX_VALUE);
        var waiting = new ArrayList<Integer>();
        for (var i = 0; i < 100; i++) {
            if (!told.contains(i)) {
                waiting.add(i);
            }
        }
        poller.setInterest(pipes.get(waiting.get(0)).source(), 0);
        pipes.get(waiting.get(1)).source().close();
        told.clear();
        poller.poll(Long.MAX_VALUE);

        assertThat(told).containsExactlyInAnyOrderElementsOf(waiting.subList(2, waiting.size()));
    }
}
