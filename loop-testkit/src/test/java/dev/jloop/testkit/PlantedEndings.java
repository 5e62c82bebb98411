package dev.jloop.testkit;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// Tests that end in unusual ways. [RunEndingTest] runs them.
final class PlantedEndings {
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private PlantedEndings() {}

    private static void fail(String message) {
        throw new IllegalStateException(message);
    }

    static class LongestTimeout {
        static int ran;

        @LoopTest(timeoutMillis = Long.MAX_VALUE)
        void passes() {
            // Longer than the time between two looks at it, without a sleep that it would report.
            var end = System.nanoTime() + 2 * SleepWatch.INTERVAL.toNanos();
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            ran++;
        }
    }

    static class LeakThatDoesNotEnd {
        static volatile boolean released;

        @LoopTest(timeoutMillis = 300)
        void leaks() {
            startTask();
            Async.yieldNow();
        }

        private static void startTask() {
            Async.createTask(LeakThatDoesNotEnd::goOn, "endless");
        }

        private static void goOn() {
            while (!released) {
                try {
                    Async.sleep(FOR_EVER);
                } catch (CancelledError ignored) {
                    Async.sleep(Duration.ofSeconds(1));
                }
            }
        }
    }

    static class LeakThatRefusesToEnd {
        @LoopTest
        void leaks() {
            startTask();
            Async.yieldNow();
        }

        private static void startTask() {
            Async.createTask(
                    () -> {
                        try {
                            Async.sleep(FOR_EVER);
                        } catch (CancelledError ignored) {
                            EventLoop.current().createFuture().await();
                        }
                    },
                    "stubborn");
        }
    }

    static class FailsWhileItIsCancelled {
        @LoopTest
        void afterADeadlock(EventLoop loop) {
            try {
                loop.createFuture().await();
            } finally {
                fail("from the clean-up");
            }
        }

        @LoopTest(virtualLimit = "PT1M")
        void afterTheVirtualLimit() {
            try {
                Async.sleep(FOR_EVER);
            } finally {
                fail("from the clean-up");
            }
        }

        @LoopTest(timeoutMillis = 200)
        void afterTheTimeout() {
            try {
                while (true) {
                    Async.sleep(Duration.ofSeconds(1));
                }
            } finally {
                fail("from the clean-up");
            }
        }

        @LoopTest
        void afterItHasStoppedItsLoop(EventLoop loop) {
            loop.stop();
            Async.yieldNow();
            fail("from the clean-up");
        }
    }

    static class CancelledByTheKit {
        @LoopTest
        void deadlocks(EventLoop loop) {
            loop.createFuture().await();
        }

        @LoopTest(timeoutMillis = 200)
        void goesOn() {
            while (true) {
                Async.sleep(Duration.ofSeconds(1));
            }
        }
    }

    static class ThreadOfACallback {
        static final CountDownLatch RELEASE = new CountDownLatch(1);

        @LoopTest
        void leaks(EventLoop loop) {
            loop.callSoon(() -> new Thread(ThreadOfACallback::waitForRelease, "forgotten").start());
            Async.yieldNow();
        }

        private static void waitForRelease() {
            try {
                RELEASE.await();
            } catch (InterruptedException interrupt) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static class TimerOfATaskThatCleansUp {
        @LoopTest
        void leaks() {
            var task =
                    Async.createTask(() -> {
                        setTimer();
                        try {
                            Async.sleep(FOR_EVER);
                        } finally {
                            Async.sleep(Duration.ofMillis(1));
                        }
                    });
            Async.yieldNow();
            task.cancel();
        }

        private static void setTimer() {
            EventLoop.current().callLater(FOR_EVER, () -> {});
        }
    }

    static class Pictures {
        @LoopTest
        @ParameterizedTest
        @ValueSource(strings = {"one", "two"})
        void fails(String value, Recorder recorder) {
            recorder.note("value", value);
            Assertions.fail(value);
        }

        @LoopTest
        void overloaded(Recorder recorder) {
            recorder.note("overloaded", "alone");
            Assertions.fail();
        }

        @LoopTest
        void overloaded(Recorder recorder, VirtualTimeLoop loop) {
            recorder.note("overloaded", "with a loop of " + loop.time());
            Assertions.fail();
        }
    }

    static class FailingCallback {
        @LoopTest
        void callbackFails(EventLoop loop) {
            schedule(loop);
            Async.yieldNow();
        }

        private static void schedule(EventLoop loop) {
            loop.callSoon(() -> fail("from the callback"));
        }
    }

    static class DeadlockInTheBody {
        @LoopTest
        void deadlocks(EventLoop loop) {
            loop.createFuture("a word").await();
        }
    }
}
