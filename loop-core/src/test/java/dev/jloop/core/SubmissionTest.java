package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// What other threads hand to a loop, on the real selector.
class SubmissionTest {
    private static final int PRODUCERS = 4;
    private static final int POSTS = 50_000;

    @RegisterExtension final LoopFixture kit = LoopFixture.onRealSelector();

    @Test
    void fourProducersLoseNothingAndEachKeepsItsOrder() throws InterruptedException {
        var received = new ArrayList<List<Integer>>();
        var left = new AtomicInteger(PRODUCERS * POSTS);
        var producers = new ArrayList<Thread>();
        for (var producer = 0; producer < PRODUCERS; producer++) {
            var mine = new ArrayList<Integer>(POSTS);
            received.add(mine);
            producers.add(
                    Thread.ofPlatform()
                            .unstarted(() -> {
                                for (var i = 0; i < POSTS; i++) {
                                    var number = i;
                                    kit.loop()
                                            .execute(() -> {
                                                mine.add(number);
                                                if (left.decrementAndGet() == 0) {
                                                    kit.loop().stop();
                                                }
                                            });
                                }
                            }));
        }
        producers.forEach(Thread::start);

        kit.loop().runForever();

        for (var thread : producers) {
            thread.join();
        }
        assertThat(left).hasValue(0);
        for (var mine : received) {
            assertThat(mine).hasSize(POSTS).isSorted();
            assertThat(mine.getLast()).isEqualTo(POSTS - 1);
        }
    }

    @Test
    void aSleepingLoopIsWokenEachTime() throws InterruptedException {
        var host = Thread.ofPlatform().start(() -> kit.loop().runForever());
        for (var i = 0; i < 1000; i++) {
            // The next one is posted when the loop has run this one and goes back to sleep.
            var ran = new CountDownLatch(1);
            kit.loop().execute(ran::countDown);
            ran.await();
        }
        kit.loop().callSoonThreadsafe(kit.loop()::stop);
        host.join();
    }

    @Test
    void aHandleOfAThreadsafeCallCanBeCancelledOnTheLoop() throws InterruptedException {
        var calls = new ArrayList<String>();
        var handle = new CompletableFuture<Handle>();
        var other =
                Thread.ofPlatform()
                        .start(() ->
                                handle.complete(
                                        kit.loop()
                                                .callSoonThreadsafe(() -> calls.add("cancelled"))));
        other.join();
        assertThat(handle.join().cancel()).isTrue();
        kit.runTurns(2);
        assertThat(calls).isEmpty();
    }

    @Test
    void aThreadsafeCallRunsInTheContextOfItsCaller() throws InterruptedException {
        var variable = ContextVar.create("variable", "unset");
        var seen = new ArrayList<String>();
        var other =
                Thread.ofPlatform()
                        .start(() -> {
                            variable.set("of the other thread");
                            kit.loop().execute(() -> seen.add(variable.get()));
                        });
        other.join();
        kit.runOneTurn();
        assertThat(seen).containsExactly("of the other thread");
    }

    @RepeatedTest(20)
    void submissionsDuringACloseAreRefusedOrDroppedAndNobodyHangs() throws InterruptedException {
        var loop = SelectorEventLoop.builder().build();
        var refused = new AtomicInteger();
        var wrong = new AtomicBoolean();
        var started = new CountDownLatch(2);
        var producers = new ArrayList<Thread>();
        for (var i = 0; i < 2; i++) {
            producers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                started.countDown();
                                while (true) {
                                    try {
                                        loop.execute(() -> {});
                                        LockSupport.parkNanos(
                                                1); // or the loop would drown in callbacks
                                    } catch (RejectedExecutionException expected) {
                                        refused.incrementAndGet();
                                        return;
                                    } catch (Throwable other) {
                                        wrong.set(true);
                                        throw other;
                                    }
                                }
                            }));
        }
        started.await();
        loop.stop();
        loop.runForever();

        loop.close();

        for (var thread : producers) {
            thread.join();
        }
        assertThat(refused).hasValue(2);
        assertThat(wrong).isFalse();
    }

    @Test
    void anInterruptOfTheThreadThatRunsTheLoopDoesNotStopItNorMakeItSpin()
            throws InterruptedException {
        var turns = new AtomicInteger();
        try (var loop =
                new SelectorEventLoop(SelectorEventLoop.builder()) {
                    @Override
                    protected void runOnce() {
                        turns.incrementAndGet();
                        super.runOnce();
                    }
                }) {
            var host = Thread.ofPlatform().start(loop::runForever);
            for (var i = 0; i < 10; i++) {
                var ran = new CountDownLatch(1);
                host.interrupt();
                loop.execute(ran::countDown);
                ran.await();
            }
            assertThat(host.isAlive()).isTrue();
            loop.execute(loop::stop);
            host.join();
        }
        // Each round takes two or three: the interrupt, the callback, and the sleep after it.
        assertThat(turns.get()).isLessThan(60);
    }

    @Test
    void outsideWorkIsCountedUntilItIsClosedOnce() {
        class Counting extends SelectorEventLoop {
            Counting() {
                super(SelectorEventLoop.builder());
            }

            int count() {
                return outsideWorkCount();
            }
        }
        try (var loop = new Counting()) {
            var first = loop.beginOutsideWork("first");
            var second = loop.beginOutsideWork("second");
            assertThat(loop.count()).isEqualTo(2);
            first.close();
            first.close();
            assertThat(loop.count()).isEqualTo(1);
            assertThat(second).hasToString("OutsideWork[second]");
            second.close();
            assertThat(loop.count()).isZero();
        }
    }
}
