package dev.jloop.core;

import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/// What the model checker knows of [Submissions], so that variants with a planted bug can take its
/// place.
interface SubmissionQueue {
    void submit(Submission callback);

    void moveTo(ReadyQueue ready);

    boolean prepareToSleep();

    void awake();

    /// The real one.
    final class Real implements SubmissionQueue {
        private final Submissions submissions;

        Real(Poller poller) {
            submissions = new Submissions(poller);
        }

        @Override
        public void submit(Submission callback) {
            submissions.submit(callback);
        }

        @Override
        public void moveTo(ReadyQueue ready) {
            submissions.moveTo(ready);
        }

        @Override
        public boolean prepareToSleep() {
            return submissions.prepareToSleep();
        }

        @Override
        public void awake() {
            submissions.awake();
        }
    }

    /// Correct like the real one, in steps that a bug can replace.
    class Steps implements SubmissionQueue {
        static final class Node {
            final Runnable callback;
            final @Nullable Node before;

            Node(Runnable callback, @Nullable Node before) {
                this.callback = callback;
                this.before = before;
            }
        }

        final Poller poller;
        final AtomicReference<@Nullable Node> newest = new AtomicReference<>();
        final AtomicBoolean loopSleeps = new AtomicBoolean();

        Steps(Poller poller) {
            this.poller = poller;
        }

        @Override
        public void submit(Submission callback) {
            push(callback);
            wakeIfAsleep();
        }

        void push(Runnable callback) {
            Node before;
            do {
                before = newest.get();
            } while (!newest.compareAndSet(before, new Node(callback, before)));
        }

        void wakeIfAsleep() {
            if (loopSleeps.compareAndSet(true, false)) {
                poller.wakeup();
            }
        }

        @Override
        public void moveTo(ReadyQueue ready) {
            addFromOldest(take(), ready);
        }

        @Nullable Node take() {
            return newest.getAndSet(null);
        }

        void addFromOldest(@Nullable Node node, ReadyQueue ready) {
            if (node != null) {
                addFromOldest(node.before, ready);
                ready.add(node.callback);
            }
        }

        @Override
        public boolean prepareToSleep() {
            loopSleeps.set(true);
            if (newest.get() == null) {
                return true;
            }
            loopSleeps.set(false);
            return false;
        }

        @Override
        public void awake() {
            loopSleeps.set(false);
        }
    }

    /// Planted: a submitter looks whether the loop sleeps before it has pushed.
    final class LooksBeforePushing extends Steps {
        LooksBeforePushing(Poller poller) {
            super(poller);
        }

        @Override
        public void submit(Submission callback) {
            var sleeps = loopSleeps.compareAndSet(true, false);
            push(callback);
            if (sleeps) {
                poller.wakeup();
            }
        }
    }

    /// Planted: the loop looks at the stack before it says that it sleeps.
    final class LooksBeforeSayingThatItSleeps extends Steps {
        LooksBeforeSayingThatItSleeps(Poller poller) {
            super(poller);
        }

        @Override
        public boolean prepareToSleep() {
            var empty = newest.get() == null;
            loopSleeps.set(empty);
            return empty;
        }
    }

    /// Planted: two steps take the stack, and what is pushed between them is lost.
    final class TakesInTwoSteps extends Steps {
        TakesInTwoSteps(Poller poller) {
            super(poller);
        }

        @Override
        @Nullable Node take() {
            var taken = newest.get();
            newest.set(null);
            return taken;
        }
    }

    /// Planted: two steps push, and of two submitters at once one loses.
    final class PushesInTwoSteps extends Steps {
        PushesInTwoSteps(Poller poller) {
            super(poller);
        }

        @Override
        void push(Runnable callback) {
            newest.set(new Node(callback, newest.get()));
        }
    }

    /// Planted: the stack is not turned round.
    final class NewestFirst extends Steps {
        NewestFirst(Poller poller) {
            super(poller);
        }

        @Override
        void addFromOldest(@Nullable Node newest, ReadyQueue ready) {
            for (var node = newest; node != null; node = node.before) {
                ready.add(node.callback);
            }
        }
    }
}
