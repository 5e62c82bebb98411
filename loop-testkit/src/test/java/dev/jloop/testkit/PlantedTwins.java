package dev.jloop.testkit;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.Task;
import dev.jloop.core.TaskGroup;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Tests with two bugs each that look alike. What shows the rare one needs one choice more than
/// what shows the frequent one, so that a schedule cannot be shortened without a slide from the one
/// to the other.
final class PlantedTwins {
    private enum Bug {
        NONE,
        FREQUENT,
        RARE
    }

    private PlantedTwins() {}

    private static Bug bug() {
        var lateFirst = secondGoesFirst();
        var lateAgain = secondGoesFirst();
        if (!lateFirst) {
            return Bug.NONE;
        }
        return lateAgain ? Bug.RARE : Bug.FREQUENT;
    }

    private static boolean secondGoesFirst() {
        var order = new ArrayList<String>();
        var first = Async.createTask(() -> order.add("first"));
        var second = Async.createTask(() -> order.add("second"));
        Async.waitAll(List.of(first, second));
        return order.getFirst().equals("second");
    }

    static class Assertions {
        @LoopTest
        void fails() {
            var done = Async.createTask(Async::yieldNow);
            done.await();
            switch (bug()) {
                case RARE -> rare(done);
                case FREQUENT -> frequent(done);
                case NONE -> {}
            }
        }

        private static void rare(Task<?> done) {
            LoopAssert.assertThat(done).as("the rare bug").isPending();
        }

        private static void frequent(Task<?> done) {
            LoopAssert.assertThat(done).as("the frequent bug").isCancelled();
        }
    }

    static class Durations {
        @LoopTest
        void fails() {
            switch (bug()) {
                case RARE -> rare();
                case FREQUENT -> frequent();
                case NONE -> {}
            }
        }

        private static void rare() {
            LoopAssert.assertTakes(Duration.ofSeconds(1), () -> Async.sleep(Duration.ofHours(7)));
        }

        private static void frequent() {
            LoopAssert.assertTakes(Duration.ofSeconds(1), () -> Async.sleep(Duration.ofHours(5)));
        }
    }

    static class Deadlocks {
        @LoopTest
        void fails(EventLoop loop) {
            switch (bug()) {
                case RARE -> loop.createFuture("the rare bug").await();
                case FREQUENT -> loop.createFuture("the frequent bug").await();
                case NONE -> {}
            }
        }
    }

    static class Reports {
        @LoopTest
        void fails(EventLoop loop) {
            switch (bug()) {
                case RARE -> loop.callSoon(Reports::rare);
                case FREQUENT -> loop.callSoon(Reports::frequent);
                case NONE -> {}
            }
            Async.yieldNow();
        }

        private static void rare() {
            throw new IllegalStateException("the rare bug");
        }

        private static void frequent() {
            throw new IllegalStateException("the frequent bug");
        }
    }

    static class LeakedTasks {
        @LoopTest
        void fails() {
            switch (bug()) {
                case RARE -> rare();
                case FREQUENT -> frequent();
                case NONE -> {}
            }
            Async.yieldNow();
        }

        private static void rare() {
            Async.createTask(() -> Async.sleep(Duration.ofDays(1)), "the rare bug");
        }

        private static void frequent() {
            Async.createTask(() -> Async.sleep(Duration.ofDays(1)), "the frequent bug");
        }
    }

    static class Children {
        @LoopTest
        void fails() {
            var bug = bug();
            var group = new TaskGroup();
            group.run(() -> {
                group.createTask(() -> child(bug));
            });
        }

        private static void child(Bug bug) throws IOException {
            if (bug == Bug.RARE) {
                throw new IOException("the rare bug");
            }
            if (bug == Bug.FREQUENT) {
                throw new IOException("the frequent bug");
            }
        }
    }

    static class Causes {
        @LoopTest
        void fails() {
            var bug = bug();
            try {
                Children.child(bug);
            } catch (IOException failure) {
                throw new IllegalStateException("wrapped", failure);
            }
        }
    }
}
