package dev.jloop.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// What a loop expects of its poller.
@Timeout(30)
abstract class PollerContract {
    private static final int MOST_AT_ONCE = 64;

    private final Poller poller = open();
    private final List<Pipe> pipes = new ArrayList<>();

    /// The numbers of the pipes that were told of, in order.
    private final List<Integer> told = new ArrayList<>();

    abstract Poller open();

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
            var pipe = openPipe();
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

    private record Expecting(int expectedBytes, Runnable noted) implements Poller.Listener {
        @Override
        public void ready(int readyOperations) {
            noted.run();
        }
    }

    /// Each with a byte to read, and room for more, where more is expected to be read.
    private void openPipesExpecting(int bytes, int operations, int count) throws IOException {
        for (var i = 0; i < count; i++) {
            var pipe = openPipe();
            pipe.source().configureBlocking(false);
            pipe.sink().configureBlocking(false);
            pipe.sink().write(ByteBuffer.wrap(new byte[] {1}));
            var number = i;
            var reads = operations == SelectionKey.OP_READ;
            var channel = reads ? pipe.source() : pipe.sink();
            poller.register(channel, new Expecting(bytes, () -> told.add(number)));
            poller.setInterest(channel, operations);
        }
    }

    @Test
    void whereMuchIsExpectedAPollTellsOfFewerChannels() throws IOException {
        openPipesExpecting(50 * 1024, SelectionKey.OP_READ, 7);

        assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(3);
        assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(3);
        assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(1);

        assertThat(new HashSet<>(told)).hasSize(7);
    }

    @Test
    void aPollThatMustNotWaitTellsOfAllWhateverIsExpected() throws IOException {
        openPipesExpecting(50 * 1024, SelectionKey.OP_READ, 7);

        assertThat(poller.poll(0)).isEqualTo(7);
    }

    @Test
    void oneChannelIsToldOfHoweverMuchIsExpected() throws IOException {
        openPipesExpecting(Integer.MAX_VALUE, SelectionKey.OP_READ, 2);

        assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(1);
        assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(1);
    }

    @Test
    void whatIsExpectedDoesNotMatterToWriters() throws IOException {
        openPipesExpecting(Integer.MAX_VALUE, SelectionKey.OP_WRITE, 5);

        assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(5);
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

    @Test
    void aWakeUpEndsTheWaitThatIsOnOrTheNext() throws Exception {
        poller.wakeup();
        poller.poll(Long.MAX_VALUE);

        var knocking = Thread.ofPlatform().start(poller::wakeup);
        poller.poll(Long.MAX_VALUE);
        knocking.join();

        assertThat(poller.poll(0)).isZero();
    }

    @Test
    void wakeUpsThatCameTogetherEndOneWait() throws IOException {
        for (var i = 0; i < 10; i++) {
            poller.wakeup();
        }
        poller.poll(Long.MAX_VALUE);

        openReadyPipes(1);
        assertThat(poller.poll(Long.MAX_VALUE)).isOne();
    }

    @Test
    void aWakeUpThatComesBeforeAnEarlierOneWasTakenIsNotLost() throws IOException {
        openReadyPipes(100);
        poller.wakeup();
        poller.poll(Long.MAX_VALUE);
        for (var pipe : pipes) {
            poller.setInterest(pipe.source(), 0);
        }

        poller.wakeup();
        poller.poll(Long.MAX_VALUE);

        assertThat(poller.poll(0)).isZero();
    }

    @Test
    void anInterruptEndsTheWaitThatIsOnAndTheNextAndIsCleared() throws Exception {
        Thread.currentThread().interrupt();
        poller.poll(Long.MAX_VALUE);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();

        var waiting = Thread.currentThread();
        var interrupting = Thread.ofPlatform().start(waiting::interrupt);
        poller.poll(Long.MAX_VALUE);
        interrupting.join();
        Thread.interrupted(); // where it came after another reason to return
    }

    @Test
    void anInterruptIsClearedByAPollThatOnlyTellsOfTheRestToo() throws IOException {
        openReadyPipes(100);
        poller.poll(Long.MAX_VALUE);

        Thread.currentThread().interrupt();
        poller.poll(Long.MAX_VALUE);

        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aWaitEndsWithItsTime() throws IOException {
        var before = System.nanoTime();
        poller.poll(1_500_000);

        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(1_500_000);
    }

    @Test
    void whatIsOfNoInterestIsNotToldOfUntilItIsAgain() throws IOException {
        openReadyPipes(1);
        var source = pipes.getFirst().source();
        poller.setInterest(source, 0);
        assertThat(poller.poll(0)).isZero();

        poller.setInterest(source, SelectionKey.OP_READ);
        assertThat(poller.poll(Long.MAX_VALUE)).isOne();
        poller.setInterest(source, 0);
        poller.setInterest(source, SelectionKey.OP_READ);
        assertThat(poller.poll(Long.MAX_VALUE)).isOne();
        poller.setInterest(source, 0);
        assertThat(poller.poll(0)).isZero();
    }

    @Test
    void aPipeWhoseReaderHasGoneIsToldOfToItsWriterAlone() throws IOException {
        var pipe = openPipe();
        var told = new ArrayList<Integer>();
        pipe.sink().configureBlocking(false);
        poller.register(pipe.sink(), told::add);
        pipe.source().close();
        assertThat(poller.poll(0)).isZero();

        poller.setInterest(pipe.sink(), SelectionKey.OP_WRITE);
        poller.poll(Long.MAX_VALUE);

        assertThat(told).containsExactly(SelectionKey.OP_WRITE);
    }

    @Test
    void aListenerIsKnownWhileItsChannelIsWatchedAndOpen() throws IOException {
        var pipe = openPipe();
        assertThat(poller.listener(pipe.source())).isNull();

        pipe.source().configureBlocking(false);
        Poller.Listener listener = _ -> {};
        poller.register(pipe.source(), listener);
        assertThat(poller.listener(pipe.source())).isSameAs(listener);

        pipe.source().close();
        assertThat(poller.listener(pipe.source())).isNull();
        poller.setInterest(pipe.source(), SelectionKey.OP_READ);
        poller.forget(pipe.source());
        assertThat(poller.poll(0)).isZero();
    }

    @Test
    void channelsThatComeAfterThoseThatWereClosedAreToldOfAlone() throws IOException {
        for (var i = 0; i < 10; i++) {
            openReadyPipes(20);
            var first = pipes.size() - 20;
            assertThat(poller.poll(Long.MAX_VALUE)).isEqualTo(20);
            assertThat(told).containsExactlyInAnyOrderElementsOf(range(0, 20));
            told.clear();
            for (var pipe : pipes.subList(first, pipes.size())) {
                if (i % 2 == 0) {
                    poller.forget(pipe.source());
                }
                pipe.source().close();
                pipe.sink().close();
            }
        }
        assertThat(poller.poll(0)).isZero();
    }

    @Test
    void channelsThatBlockOrAreClosedAreRefused() throws IOException {
        var pipe = openPipe();
        assertThatThrownBy(() -> poller.register(pipe.source(), _ -> {}))
                .isInstanceOf(IllegalBlockingModeException.class);

        pipe.source().configureBlocking(false);
        pipe.source().close();
        assertThatThrownBy(() -> poller.register(pipe.source(), _ -> {}))
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aClosedPollerRefusesToWaitAndPassesOverWakeUps() throws IOException {
        poller.close();
        poller.close();
        poller.wakeup();

        assertThatThrownBy(() -> poller.poll(0)).isInstanceOf(ClosedSelectorException.class);
    }

    private Pipe openPipe() throws IOException {
        var pipe = Pipe.open();
        pipes.add(pipe);
        return pipe;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
