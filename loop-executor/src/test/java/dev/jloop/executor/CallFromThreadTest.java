package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.ContextVar;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.TaskTree;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(30)
class CallFromThreadTest {
    private static final ContextVar<String> USER = ContextVar.create("user", "nobody");
    private static final Duration SHORT = Duration.ofMillis(5);

    private final CountingLoop loop = new CountingLoop();
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        loop.close();
    }

    private static void fail(String message) throws IOException {
        throw new IOException(message);
    }

    @Test
    void aBodyGetsTheResultOfACoroutineOnItsLoop() {
        var result =
                loop.runUntilComplete(() ->
                        Offload.toThread(() -> {
                            var on =
                                    Offload.callFromThread(() -> {
                                        Async.yieldNow();
                                        return EventLoop.current();
                                    });
                            assertThat(EventLoop.currentOrNull()).isNull();
                            return on;
                        }));

        assertThat(result).isSameAs(loop);
        loop.awaitOutsideWork(0);
    }

    @Test
    void itWorksFromThePoolForComputingAndFromAnyExecutor() {
        loop.runUntilComplete(() -> {
            assertThat(Offload.compute(() -> Offload.callFromThread(EventLoop::current)))
                    .isSameAs(loop);
            assertThat(
                            Offload.runInExecutor(
                                            command -> Thread.ofPlatform().start(command),
                                            () -> Offload.callFromThread(EventLoop::current))
                                    .await())
                    .isSameAs(loop);
        });
    }

    @Test
    void aCheckedFailureOfTheCoroutineKeepsItsTypeAndInstance() {
        var message =
                loop.runUntilComplete(() ->
                        Offload.toThread(() -> {
                            try {
                                Offload.callFromThread(() -> fail("no peer"));
                                return "nothing";
                            } catch (IOException failure) { // compiles only with the type
                                return failure.getMessage();
                            }
                        }));

        assertThat(message).isEqualTo("no peer");
        assertThat(loop.reports()).isEmpty();
    }

    @Test
    void theCoroutineSeesTheContextOfTheThread() {
        loop.runUntilComplete(() -> {
            USER.set("alice");
            Offload.toThread(() -> {
                events.add(Offload.callFromThread(() -> USER.get()));
                USER.set("bob");
                events.add(Offload.callFromThread(() -> USER.get()));
                Offload.callFromThread(() -> USER.set("changed in the coroutine"));
                events.add(USER.get());
            });
        });
        assertThat(events).containsExactly("alice", "bob", "bob");
    }

    @Test
    void cancellingWhoWaitsForTheBodyCancelsTheCoroutineThatTheBodyWaitsFor() {
        var ended = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var inside = loop.createFuture();
            var task =
                    Async.createTask(() -> {
                        Offload.toThread(() -> {
                            try {
                                Offload.callFromThread(() -> {
                                    inside.setResult(null);
                                    try {
                                        Async.sleep(Duration.ofDays(1));
                                    } finally {
                                        events.add("coroutine cleans up");
                                    }
                                });
                            } catch (CancelledError cancelled) {
                                events.add("body: " + cancelled.getMessage());
                                // told once; clean-up may still use the loop
                                Offload.callFromThread(() -> events.add("clean-up on the loop"));
                            }
                            ended.countDown();
                        });
                    });
            inside.await();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            Offload.toThread(() -> ended.await());
        });
        assertThat(events)
                .containsExactly(
                        "coroutine cleans up",
                        "body: the coroutine was cancelled: the work that waits for it was"
                                + " cancelled",
                        "clean-up on the loop");
    }

    @Test
    void aBodyThatNobodyWaitsForHearsOfItByItsNextCall() {
        var started = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var future =
                    Offload.runInExecutor(() -> {
                        started.countDown();
                        release.await();
                        try {
                            Offload.checkCancelled();
                        } catch (CancelledError cancelled) {
                            events.add("checked");
                        }
                        try {
                            Offload.callFromThread(() -> events.add("never"));
                        } catch (CancelledError cancelled) {
                            events.add("called");
                        }
                        Offload.callFromThread(() -> events.add("clean-up"));
                        ended.countDown();
                    });
            Offload.toThread(() -> {
                started.await();
                Offload.checkCancelled(); // of work that somebody waits for, it does nothing
            });
            future.cancel();
            Async.yieldNow();
            Async.yieldNow();
            release.countDown();
            Offload.toThread(() -> ended.await());
        });
        assertThat(events).containsExactly("checked", "called", "clean-up");
        Offload.checkCancelled(); // nor on a thread without work
    }

    @Test
    void aCoroutineThatIsCancelledOnTheLoopCancelsTheCall() {
        loop.runUntilComplete(() -> {
            assertThatThrownBy(() ->
                            Offload.toThread(() ->
                                    Offload.callFromThread(() -> {
                                        Async.currentTask().cancel("not now");
                                        Async.yieldNow();
                                    })))
                    .isInstanceOf(CancelledError.class);
        });
    }

    @Test
    void anInterruptOfTheThreadCancelsTheCoroutineAndWaitsForItsCleanUp() {
        loop.runUntilComplete(() -> {
            var worker = new AtomicReference<Thread>();
            Offload.toThread(() -> {
                worker.set(Thread.currentThread());
                try {
                    Offload.callFromThread(() -> {
                        worker.get().interrupt();
                        try {
                            loop.createFuture().await();
                        } finally {
                            Async.yieldNow();
                            events.add("cleaned up");
                        }
                    });
                } catch (CancelledError cancelled) {
                    events.add("cancelled, interrupted " + Thread.interrupted());
                }
            });
        });
        assertThat(events).containsExactly("cleaned up", "cancelled, interrupted true");
    }

    @Test
    void aCancelThatInterruptsTheThreadTooComesToTheCoroutineOnce() {
        var ended = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var worker = new AtomicReference<Thread>();
            var inside = loop.createFuture();
            var future =
                    Offload.runInExecutor(
                            () -> {
                                worker.set(Thread.currentThread());
                                try {
                                    Offload.callFromThread(() -> {
                                        inside.setResult(null);
                                        try {
                                            loop.createFuture().await();
                                        } finally {
                                            Offload.toThread(
                                                    () -> awaitInterruptTakenBy(worker.get()));
                                            events.add("cleaned up");
                                        }
                                    });
                                } catch (CancelledError cancelled) {
                                    events.add(cancelled.getMessage());
                                }
                                ended.countDown();
                                return 1;
                            },
                            OffloadOptions.DEFAULTS.withInterruptOnCancel(true));
            inside.await();
            future.cancel();
            Offload.toThread(() -> ended.await());
        });
        assertThat(events)
                .containsExactly(
                        "cleaned up",
                        "the coroutine was cancelled: the work that waits for it was cancelled");
    }

    /// It has told the loop, and waits on.
    private static void awaitInterruptTakenBy(Thread worker) {
        while (worker.isInterrupted() || worker.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    @Test
    void closingTheLoopEndsTheCall() throws InterruptedException {
        var failure = new AtomicReference<Throwable>();
        var ended = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var inside = loop.createFuture();
            var _ =
                    Offload.runInExecutor(() -> {
                        try {
                            Offload.callFromThread(() -> {
                                inside.setResult(null);
                                loop.createFuture().await();
                            });
                        } catch (Throwable thrown) {
                            failure.set(thrown);
                        }
                        ended.countDown();
                    });
            inside.await();
        });
        loop.close();
        ended.await();
        assertThat(failure.get())
                .isInstanceOf(CancelledError.class)
                .hasMessage("the coroutine was cancelled: the loop closed");
    }

    @Test
    void theThreadOfALoopIsRefused() {
        loop.runUntilComplete(() -> {
            assertThatThrownBy(() -> Offload.callFromThread(() -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("on the thread of " + loop);
            LoopFuture<Integer> inline =
                    Offload.runInExecutor(Runnable::run, () -> Offload.callFromThread(() -> 1));
            assertThatThrownBy(inline::await)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("createTask");
        });
    }

    @Test
    void aLoopInsideABodyIsRefusedToo() {
        loop.runUntilComplete(() -> {
            Offload.toThread(() -> {
                try (var inner = new CountingLoop()) {
                    assertThatThrownBy(() ->
                                    inner.runUntilComplete(() -> Offload.callFromThread(() -> 1)))
                            .hasMessageContaining("on the thread of " + inner);
                }
            });
        });
    }

    @Test
    void aThreadThatDoesNoWorkOfALoopIsToldWhatToUse() {
        assertThatThrownBy(() -> Offload.callFromThread(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("runCoroutineThreadsafe");
    }

    @Test
    void aLoopThatDoesNotRunOrIsClosedIsRefused() throws InterruptedException {
        var stopped = new CountDownLatch(1);
        var closed = new CountDownLatch(1);
        var ended = new CountDownLatch(2);
        loop.runUntilComplete(() -> {
            for (var when : List.of(stopped, closed)) {
                var _ =
                        Offload.runInExecutor(() -> {
                            when.await();
                            try {
                                Offload.callFromThread(() -> 1);
                            } catch (IllegalStateException refused) {
                                events.add(refused.getMessage());
                            }
                            ended.countDown();
                        });
            }
            Offload.toThread(() -> {}); // both have started, or start without the loop
        });
        stopped.countDown();
        while (ended.getCount() > 1) {
            Thread.onSpinWait();
        }
        loop.close();
        closed.countDown();
        ended.await();
        assertThat(events)
                .containsExactly(
                        "callFromThread would wait for a loop that does not run: " + loop,
                        "callFromThread would wait for a loop that is closed: " + loop);
    }

    @Test
    void aLoopThatBlocksForThisVeryWorkIsADeadlockThatEnds() {
        var failure = new AtomicReference<Throwable>();
        loop.runUntilComplete(() -> {
            var bodyEnded = new CountDownLatch(1);
            var _ =
                    Offload.runInExecutor(() -> {
                        try {
                            CallFromThread.run(() -> events.add("never"), SHORT);
                        } catch (IllegalStateException deadlock) {
                            failure.set(deadlock);
                        }
                        bodyEnded.countDown();
                    });
            bodyEnded.await(); // blocks the loop: the bug
        });
        assertThat(failure.get())
                .hasMessageStartingWith("deadlock: this thread waits for " + loop)
                .cause()
                .satisfies(stack ->
                        assertThat(stack.getStackTrace())
                                .anyMatch(frame ->
                                        frame.getClassName().equals(getClass().getName())));
        assertThat(events).isEmpty();
    }

    @Test
    void aLoopIsTakenForStuckOnlyWhereItIsSeenTwiceAtTheSamePlace() {
        var looks = new ArrayList<Boolean>();
        loop.runUntilComplete(() -> {
            var bodyEnded = new CountDownLatch(1);
            var _ =
                    Offload.runInExecutor(() -> {
                        while (!isParked()) {
                            Thread.onSpinWait();
                        }
                        var check = new DeadlockCheck(loop);
                        for (var i = 0; i < 3; i++) {
                            looks.add(check.look() != null);
                        }
                        bodyEnded.countDown();
                    });
            bodyEnded.await(); // blocks the loop: the bug
        });
        assertThat(looks).as("asks, sees, sees again").containsExactly(false, false, true);
    }

    @Test
    void aLoopThatJoinsAThreadForALimitedTimeIsNoDeadlock() {
        var looks = new ArrayList<Boolean>();
        var looked = new CountDownLatch(1);
        var joined =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                looked.await();
                            } catch (InterruptedException unexpected) {
                                throw new AssertionError(unexpected);
                            }
                        });
        loop.runUntilComplete(() -> {
            var body =
                    Offload.runInExecutor(() -> {
                        while (!isIn("join")) {
                            Thread.onSpinWait();
                        }
                        var check = new DeadlockCheck(loop);
                        for (var i = 0; i < 4; i++) {
                            looks.add(check.look() != null);
                        }
                        looked.countDown();
                    });
            loop.callSoon(() -> {
                try {
                    joined.join(60_000); // blocks the loop, but will return
                } catch (InterruptedException unexpected) {
                    throw new AssertionError(unexpected);
                }
            });
            body.await();
        });
        assertThat(looks).containsExactly(false, false, false, false);
    }

    private boolean isParked() {
        return isIn("park");
    }

    private boolean isIn(String method) {
        var stuckIn = TaskTree.capture(loop).loops().getFirst().stuckIn();
        return stuckIn.isPresent()
                && stuckIn.get().frames().stream()
                        .anyMatch(frame -> frame.getMethodName().equals(method));
    }

    @Test
    void aLoopThatIsOnlyBusyIsNoDeadlock() {
        var looked = new CountDownLatch(3);
        loop.runUntilComplete(() -> {
            var result =
                    Offload.runInExecutor(() -> {
                        var check = new DeadlockCheck(loop);
                        for (var i = 0; i < 3; i++) {
                            assertThat(check.look()).isNull();
                            looked.countDown();
                        }
                        return CallFromThread.run(() -> "in the end", SHORT);
                    });
            while (looked.getCount() > 0) {
                Thread.onSpinWait();
            }
            assertThat(result.await()).isEqualTo("in the end");
        });
    }
}
