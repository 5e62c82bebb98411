package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.spi.Poller;

import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.util.function.Function;

/// What other threads submit while a loop falls asleep, checked by Lincheck: it runs the same few
/// calls again and again, each time switching threads at other places, and takes a loop that nobody
/// wakes for a deadlock.
///
/// The planted bugs show that the check works.
@Tag("interleavings")
@Timeout(value = 120)
class SubmissionsInterleavingTest {
    private static final int INVOCATIONS = 2_000;
    private static final int INVOCATIONS_AT_NIGHT = 200_000;
    private static final String HANGS = "deadlock";
    private static final String OUT_OF_ORDER = "in place of";

    @Test
    void nothingIsLostOrDoubledEachProducerKeepsItsOrderAndNoWakeUpIsMissed() {
        checkQueue(INVOCATIONS, 2, 2, poller -> new SubmissionQueue.Real(poller));
    }

    @Test
    void aLoopThatSleepsBetweenItsTurnsMissesNothing() {
        checkAgenda(INVOCATIONS, 2, 2);
    }

    @Test
    @Tag("nightly")
    @Timeout(value = 1800)
    void threeProducersAtNight() {
        checkQueue(INVOCATIONS_AT_NIGHT, 3, 2, poller -> new SubmissionQueue.Real(poller));
        checkAgenda(INVOCATIONS_AT_NIGHT, 3, 2);
    }

    @Test
    void theStepsThatThePlantedBugsReplaceAreRight() {
        checkQueue(INVOCATIONS, 2, 2, poller -> new SubmissionQueue.Steps(poller));
    }

    @Test
    void aSubmitterThatLooksBeforeItPushesIsFoundOut() {
        assertIsFoundOut(poller -> new SubmissionQueue.LooksBeforePushing(poller), HANGS);
    }

    @Test
    void aLoopThatLooksBeforeItSaysThatItSleepsIsFoundOut() {
        assertIsFoundOut(
                poller -> new SubmissionQueue.LooksBeforeSayingThatItSleeps(poller), HANGS);
    }

    @Test
    void aLoopThatTakesInTwoStepsIsFoundOut() {
        assertIsFoundOut(poller -> new SubmissionQueue.TakesInTwoSteps(poller), HANGS);
    }

    @Test
    void aSubmitterThatPushesInTwoStepsIsFoundOut() {
        assertIsFoundOut(poller -> new SubmissionQueue.PushesInTwoSteps(poller), OUT_OF_ORDER);
    }

    @Test
    void aLoopThatRunsTheNewestFirstIsFoundOut() {
        assertIsFoundOut(poller -> new SubmissionQueue.NewestFirst(poller), OUT_OF_ORDER);
    }

    private static void assertIsFoundOut(Function<Poller, SubmissionQueue> planted, String how) {
        assertThatThrownBy(() -> checkQueue(INVOCATIONS, 2, 2, planted))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining(how);
    }

    private static void checkQueue(
            int invocations, int producers, int posts, Function<Poller, SubmissionQueue> make) {
        Lincheck.runConcurrentTest(
                invocations, () -> new QueueMeeting(producers, posts, make).take());
    }

    private static void checkAgenda(int invocations, int producers, int posts) {
        Lincheck.runConcurrentTest(invocations, () -> new AgendaMeeting(producers, posts).take());
    }

    /// Producers that submit numbers, and a loop that takes them until it has all.
    ///
    /// Lincheck sees some code only. What the threads share may be in no lambda and no record, or
    /// it counts as the property of one thread; and it is to be made by a plain `new`, not by a
    /// method reference, or its class is not looked into. In both cases nothing would ever be
    /// found.
    private abstract static class Meeting {
        private final Producer[] producers;
        private final int posts;
        private int missing;

        Meeting(int producers, int posts) {
            this.producers = new Producer[producers];
            this.posts = posts;
            this.missing = producers * posts;
        }

        abstract void submit(Submission callback);

        /// One turn of the loop, with a sleep where there is nothing to do.
        abstract void turn();

        final void take() {
            for (var i = 0; i < producers.length; i++) {
                producers[i] = new Producer(this);
            }
            for (var producer : producers) {
                producer.start();
            }
            while (missing > 0) {
                turn();
            }
            for (var producer : producers) {
                awaitEnd(producer);
            }
        }

        /// The type of the parameter matters: of a subclass Lincheck does not see the join.
        private static void awaitEnd(Thread thread) {
            try {
                thread.join();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    private static final class Producer extends Thread {
        private final Meeting meeting;

        /// The number that the loop has to run next. Loop thread.
        private int next;

        Producer(Meeting meeting) {
            this.meeting = meeting;
        }

        @Override
        public void run() {
            for (var number = 0; number < meeting.posts; number++) {
                meeting.submit(new Post(this, number));
            }
        }
    }

    private static final class Post implements Submission {
        private final Producer producer;
        private final int number;
        private @Nullable Submission next;

        Post(Producer producer, int number) {
            this.producer = producer;
            this.number = number;
        }

        @Override
        public void run() {
            if (number != producer.next) {
                throw new AssertionError("got " + number + " in place of " + producer.next);
            }
            producer.next++;
            producer.meeting.missing--;
        }

        @Override
        public @Nullable Submission next() {
            return next;
        }

        @Override
        public void linkTo(@Nullable Submission other) {
            next = other;
        }
    }

    /// The loop in the fewest words.
    private static final class QueueMeeting extends Meeting {
        private final Poller poller = new WaitingPoller();
        private final FifoReadyQueue ready = new FifoReadyQueue();
        private final SubmissionQueue queue;

        QueueMeeting(int producers, int posts, Function<Poller, SubmissionQueue> make) {
            super(producers, posts);
            queue = make.apply(poller);
        }

        @Override
        void submit(Submission callback) {
            queue.submit(callback);
        }

        @Override
        void turn() {
            queue.moveTo(ready);
            if (ready.size() == 0) {
                sleep();
                queue.moveTo(ready);
            }
            ready.startTurn();
            for (var next = ready.next(); next != null; next = ready.next()) {
                next.run();
            }
        }

        private void sleep() {
            try {
                poller.poll(queue.prepareToSleep() ? Long.MAX_VALUE : 0);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } finally {
                queue.awake();
            }
        }
    }

    /// The loop as it is.
    private static final class AgendaMeeting extends Meeting {
        private final Agenda agenda =
                new Agenda(new FakeClock(), new WaitingPoller(), new FifoReadyQueue());

        AgendaMeeting(int producers, int posts) {
            super(producers, posts);
            agenda.startRun();
        }

        @Override
        void submit(Submission callback) {
            agenda.submit(callback);
        }

        @Override
        void turn() {
            agenda.startTurn(true);
            for (var next = agenda.next(); next != null; next = agenda.next()) {
                next.run();
            }
        }
    }

    /// Sleeps as a selector does: until a wake-up, one that came before included.
    private static final class WaitingPoller implements Poller {
        private boolean woken;

        @Override
        public synchronized int poll(long timeoutNanos) {
            try {
                while (!woken && timeoutNanos > 0) {
                    wait();
                }
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            woken = false;
            return 0;
        }

        @Override
        public synchronized void wakeup() {
            woken = true;
            notifyAll();
        }

        @Override
        public void register(SelectableChannel channel, Listener listener) {}

        @Override
        public @Nullable Listener listener(SelectableChannel channel) {
            return null;
        }

        @Override
        public void setInterest(SelectableChannel channel, int operations) {}

        @Override
        public void close() {}
    }
}
