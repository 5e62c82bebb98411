package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A run does not depend on when the garbage collector comes by.
@Timeout(60)
class GarbageCollectorTest {
    private final List<String> reports = new ArrayList<>();

    private static void failAndForget(EventLoop loop, String message) {
        loop.createFuture().setException(new IllegalStateException(message));
    }

    /// Lets the garbage collector find futures, until it has found one that was forgotten last.
    private static void collectGarbage() {
        var found = new ArrayList<LoopException>();
        try (var ordinary = SelectorEventLoop.builder().build()) {
            ordinary.setExceptionHandler((_, report) -> found.add(report));
            failAndForget(ordinary, "the last");
            while (found.isEmpty()) {
                System.gc();
                ordinary.runUntilComplete(() -> Async.sleep(Duration.ofMillis(1)));
            }
        }
    }

    private long hashOfARun(Runnable atHalfTime) {
        try (var loop = VirtualTimeLoop.seeded(5)) {
            loop.setExceptionHandler(
                    (_, report) -> reports.add(String.valueOf(report.exception().getMessage())));
            loop.runUntilComplete(() -> {
                failAndForget(loop, "first");
                failAndForget(loop, "second");
                Async.gather(
                                List.of(
                                        Async.createTask(Async::yieldNow),
                                        Async.createTask(Async::yieldNow)))
                        .await();
            });
            atHalfTime.run();
            loop.runUntilComplete(() -> {
                for (var turn = 0; turn < 10; turn++) {
                    Async.sleep(Duration.ofSeconds(1));
                }
            });
            assertThat(reports).as("reports before the loop is closed").isEmpty();
            return loop.trace().hash();
        }
    }

    @Test
    void exceptionsNobodyLookedAtAreReportedAtTheEndAndInOrder() {
        var hash = hashOfARun(GarbageCollectorTest::collectGarbage);

        assertThat(reports).containsExactly("first", "second");
        assertThat(hash).as("the hash without a garbage collection").isEqualTo(hashAlone());
    }

    private long hashAlone() {
        reports.clear();
        return hashOfARun(() -> {});
    }
}
