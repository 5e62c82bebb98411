package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.LoopFuture;
import dev.jloop.executor.Offload;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

@Timeout(30)
class AutojumpTest {
    private final VirtualTimeLoop loop = VirtualTimeLoop.create();

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void timeStartsAtZero() {
        assertThat(loop.time()).isZero();
    }

    @Test
    void sleepsAdvanceTimeByExactlyAsMuchAndTakeNone() {
        loop.runUntilComplete(() -> {
            for (var seconds = 0; seconds < 100; seconds += 10) {
                var before = loop.time();
                Async.sleep(Duration.ofSeconds(seconds));
                assertThat(loop.time() - before).isEqualTo(Duration.ofSeconds(seconds).toNanos());
            }
        });
    }

    @Test
    void deadlinesBeyondADayAndToTheNanosecondAreMetExactly() {
        var delay = Duration.ofDays(1000).plusNanos(1);

        loop.runUntilComplete(() -> Async.sleep(delay));

        assertThat(loop.time()).isEqualTo(delay.toNanos());
    }

    @Test
    void timersRunInTheOrderOfTheirDeadlinesAndThenOfRegistration() {
        var calls = new ArrayList<String>();
        loop.callLater(Duration.ofSeconds(2), () -> calls.add("late"));
        loop.callLater(Duration.ofSeconds(1), () -> calls.add("early, first"));
        loop.callLater(Duration.ofSeconds(1), () -> calls.add("early, second"));

        loop.runUntilComplete(() -> Async.sleep(Duration.ofSeconds(3)));

        assertThat(calls).isEqualTo(List.of("early, first", "early, second", "late"));
    }

    @Test
    void timeStandsStillWhileAThreadWorksForTheLoop() {
        var release = new CountDownLatch(1);

        loop.runUntilComplete(() -> {
            var sleeper =
                    Async.createTask(() -> {
                        Async.sleep(Duration.ofNanos(1));
                        return loop.time();
                    });
            var work =
                    Async.createTask(() ->
                            Offload.toThread(() -> {
                                release.await();
                                return "done";
                            }));
            Async.yieldNow();
            Async.yieldNow();
            assertThat(sleeper.isDone()).isFalse();
            release.countDown();
            assertThat(work.await()).isEqualTo("done");
            assertThat(loop.time()).isZero();
            assertThat(sleeper.await()).isEqualTo(1);
        });
    }

    @Test
    void aStageThatAThreadCompletesIsWaitedForInRealTime() {
        var stage = new CompletableFuture<String>();

        var result =
                loop.runUntilComplete(() -> {
                    var future = LoopFuture.from(stage);
                    Thread.ofVirtual().start(() -> stage.complete("from a thread"));
                    return dev.jloop.core.Timeout.after(Duration.ofNanos(1)).call(future::await);
                });

        assertThat(result).isEqualTo("from a thread");
        assertThat(loop.time()).isZero();
    }

    @Test
    void anyThreadMayCallSoonThreadsafe() {
        var thread =
                loop.runUntilComplete(() -> {
                    var future = loop.<Thread>createFuture();
                    var work = loop.beginOutsideWork("a thread of the test");
                    Thread.ofPlatform()
                            .start(() -> {
                                var self = Thread.currentThread();
                                loop.callSoonThreadsafe(() -> future.setResult(self));
                                work.close();
                            });
                    return future.await();
                });

        assertThat(thread.isVirtual()).isFalse();
        assertThat(loop.time()).isZero();
    }

    @Test
    void workThatEndsWithoutAWordLetsTimeGoOn() {
        loop.runUntilComplete(() -> {
            var work = loop.beginOutsideWork("nothing much");
            Thread.ofPlatform().start(work::close);
            Async.sleep(Duration.ofSeconds(1));
        });

        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void workThatDoesNotEndIsNamedWhenTheRealTimeIsOver() {
        loop.setRealTimeLimit(Duration.ofMillis(1));
        try (var _ = loop.beginOutsideWork("counting sheep")) {
            assertThatThrownBy(
                            () -> loop.runUntilComplete(() -> Async.sleep(Duration.ofSeconds(1))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("counting sheep")
                    .hasMessageContaining("PT0.001S")
                    .hasMessageContaining("Task-1");
        }
        loop.runUntilIdle();
        assertThat(loop.allTasks()).isEmpty();
    }

    @Test
    void aLimitThatIsNotPositiveIsRefused() {
        assertThatThrownBy(() -> loop.setRealTimeLimit(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
    }

    @Test
    void realChannelsWork() throws Exception {
        var pipe = Pipe.open();
        try (var source = pipe.source();
                var sink = pipe.sink()) {
            source.configureBlocking(false);

            var read =
                    loop.runUntilComplete(() -> {
                        var ready = loop.<Integer>createFuture();
                        loop.addReader(
                                source,
                                () -> {
                                    loop.removeReader(source);
                                    ready.setResult(1);
                                });
                        loop.callLater(Duration.ofSeconds(5), () -> write(sink));
                        ready.await();
                        return source.read(ByteBuffer.allocate(8));
                    });

            assertThat(read).isEqualTo(3);
            assertThat(loop.time()).isEqualTo(Duration.ofSeconds(5).toNanos());
        }
    }

    private static void write(Pipe.SinkChannel sink) {
        try {
            sink.write(ByteBuffer.wrap(new byte[3]));
        } catch (java.io.IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    @Test
    void aChannelThatIsNeverReadyEndsTheRunWhenTheRealTimeIsOver() throws Exception {
        loop.setRealTimeLimit(Duration.ofMillis(1));
        var pipe = Pipe.open();
        try (var source = pipe.source();
                var _ = pipe.sink()) {
            source.configureBlocking(false);
            loop.addReader(source, () -> {});

            assertThatThrownBy(() -> loop.runUntilComplete(() -> loop.createFuture().await()))
                    .isInstanceOf(DeadlockException.class)
                    .hasMessageContaining("the 1 channels watched were silent for PT0.001S");
        } finally {
            loop.runReady();
            loop.cancelAndJoin(loop.pendingTasks(false), "over");
        }
    }

    @Test
    void aRunForEverWaitsForOtherThreadsWithoutAnEnd() throws Exception {
        var thread = Thread.ofPlatform().start(loop::runForever);
        var answers = new CompletableFuture<Long>();

        loop.callSoonThreadsafe(
                () -> loop.callLater(Duration.ofSeconds(7), () -> answers.complete(loop.time())));

        assertThat(answers.get()).isEqualTo(Duration.ofSeconds(7).toNanos());
        loop.callSoonThreadsafe(loop::stop);
        thread.join();
    }
}
