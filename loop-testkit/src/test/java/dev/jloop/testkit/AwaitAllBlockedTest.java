package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.executor.Offload;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

@Timeout(30)
class AwaitAllBlockedTest {
    private final VirtualTimeLoop loop = VirtualTimeLoop.create();
    private final List<String> events = new ArrayList<>();

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void itReturnsOnceAllOthersAreBlockedAndBeforeTimeMoves() {
        loop.runUntilComplete(() -> {
            var other =
                    Async.createTask(() -> {
                        for (var turn = 0; turn < 10; turn++) {
                            Async.yieldNow();
                        }
                        events.add("other sleeps");
                        Async.sleep(Duration.ofSeconds(1));
                        events.add("other wakes");
                    });

            loop.awaitAllBlocked();
            events.add("all blocked at " + loop.time());
            other.await();
        });

        assertThat(events).isEqualTo(List.of("other sleeps", "all blocked at 0", "other wakes"));
    }

    @Test
    void aTaskWhoseWorkIsOnAThreadIsNotBlocked() {
        loop.runUntilComplete(() -> {
            Async.createTask(() -> events.add(Offload.toThread(() -> "thread is done")));

            loop.awaitAllBlocked();
            events.add("all blocked");
        });

        assertThat(events).isEqualTo(List.of("thread is done", "all blocked"));
    }

    @Test
    void runReadyReleasesNobodyWhileAThreadIsAtWork() {
        var done = new CountDownLatch(1);
        loop.createTask(() -> events.add(Offload.toThread(() -> awaitThenSay(done))));
        loop.createTask(() -> {
            loop.awaitAllBlocked();
            events.add("all blocked");
        });

        loop.runReady();
        assertThat(events).isEmpty();
        done.countDown();
        loop.runUntilIdle();

        assertThat(events).isEqualTo(List.of("thread is done", "all blocked"));
    }

    private static String awaitThenSay(CountDownLatch done) throws InterruptedException {
        done.await();
        return "thread is done";
    }

    @Test
    void severalWaitersGoOnOneAfterTheOther() {
        loop.runUntilComplete(() -> {
            var first =
                    Async.createTask(() -> {
                        loop.awaitAllBlocked();
                        events.add("first");
                        Async.yieldNow();
                        events.add("first again");
                    });
            var second =
                    Async.createTask(() -> {
                        loop.awaitAllBlocked();
                        events.add("second");
                    });
            Async.waitAll(List.of(first, second));
        });

        assertThat(events).isEqualTo(List.of("first", "first again", "second"));
    }

    @Test
    void aWaiterThatWasCancelledIsPassedOver() {
        loop.runUntilComplete(() -> {
            var first = Async.createTask(() -> loop.awaitAllBlocked());
            Async.yieldNow();
            first.cancel();
            loop.awaitAllBlocked();
            events.add("second");
        });

        assertThat(events).isEqualTo(List.of("second"));
    }

    @Test
    void outsideACoroutineItIsRefused() {
        assertThatThrownBy(loop::awaitAllBlocked)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("runUntilIdle");
    }
}
