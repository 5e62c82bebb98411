package dev.jloop.testkit;

import dev.jloop.core.Async;
import dev.jloop.core.LoopException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/// Tests whose loops report something when they are over. [StraysTest] runs them.
final class PlantedStrays {
    private PlantedStrays() {}

    private static @Nullable VirtualTimeLoop endedLoop;

    static void keep(VirtualTimeLoop loop) {
        endedLoop = loop;
    }

    /// What a callback does that a loop comes to too late, in another thread.
    static void reportLate() {
        var loop = Objects.requireNonNull(endedLoop);
        var thread =
                Thread.ofPlatform()
                        .start(() ->
                                loop.callExceptionHandler(
                                        LoopException.of(
                                                "too late", new IllegalStateException("planted"))));
        var interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class WithATestAfterIt {
        @LoopTest
        @Order(1)
        void reportsWhenItIsOver(VirtualTimeLoop loop) {
            keep(loop);
        }

        @LoopTest
        @Order(2)
        void isNotToBlame() {
            reportLate();
        }

        @LoopTest
        @Order(3)
        void hearsNothingOfIt() {}
    }

    static class AtTheEndOfTheClass {
        @LoopTest
        void reportsWhenItIsOver(VirtualTimeLoop loop) {
            keep(loop);
        }

        @AfterAll
        static void later() {
            reportLate();
        }
    }

    static class FromOneSeedToTheNext {
        @LoopTest(seeds = 3)
        void reportsWhenItIsOver(VirtualTimeLoop loop) {
            if (loop.seed().getAsLong() == 1) {
                keep(loop);
            } else {
                reportLate();
            }
        }
    }

    /// Its replay passes, and is hit.
    static class WhileAFailureIsLookedInto {
        static int runs;

        @LoopTest(seeds = 2)
        void reportsWhenItIsOver(VirtualTimeLoop loop) {
            if (++runs == 1) {
                keep(loop);
                throw new AssertionError("its own failure");
            }
            if (runs == 2) {
                reportLate();
            }
        }
    }

    /// Its loop ends after the test, and with an error.
    static class AbandonedAndThrows {
        private static final AtomicBoolean GO_ON = new AtomicBoolean();

        @LoopTest(timeoutMillis = 100)
        void reportsWhenItIsOver(VirtualTimeLoop loop) {
            GO_ON.set(false);
            keep(loop);
            loop.callSoon(() -> {
                while (!GO_ON.get()) {
                    Thread.onSpinWait();
                }
                throw new AssertionError("ends the loop");
            });
            Async.yieldNow();
        }

        @AfterAll
        static void awaitTheEnd() {
            GO_ON.set(true);
            while (!Objects.requireNonNull(endedLoop).isClosed()) {
                Thread.onSpinWait();
            }
        }
    }

    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class BehindATestThatFails {
        @LoopTest
        @Order(1)
        void reportsWhenItIsOver(VirtualTimeLoop loop) {
            keep(loop);
        }

        @LoopTest
        @Order(2)
        void failsByItself() {
            reportLate();
            throw new AssertionError("its own failure");
        }

        @LoopTest
        @Order(3)
        void hearsOfIt() {}
    }
}
