package dev.jloop.testkit;

import dev.jloop.core.LoopException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;

import java.util.Objects;

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
