package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;

class LoopLifecycleTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private Runnable note(String call) {
        return () -> calls.add(call);
    }

    @Test
    void stopFinishesTheTurnAndLeavesTheRestForTheNextRun() {
        kit.loop()
                .callSoon(() -> {
                    kit.loop().stop();
                    kit.loop().callSoon(note("next run"));
                });
        kit.loop().callSoon(note("same turn"));

        kit.loop().runForever();
        assertThat(calls).containsExactly("same turn");

        kit.runOneTurn();
        assertThat(calls).containsExactly("same turn", "next run");
    }

    @Test
    void aStopBeforeTheRunAllowsOneTurnThatDoesNotWait() {
        kit.loop().callLater(Duration.ofSeconds(1), note("timer"));
        kit.loop().callSoon(note("ready"));
        kit.loop().stop();

        kit.loop().runForever();

        assertThat(calls).containsExactly("ready");
        assertThat(kit.loop().time()).isZero();
        assertThat(kit.poller.timeouts).containsExactly(0L);
    }

    @Test
    void runUntilCompleteGivesTheResultOfABodyOrAFuture() {
        assertThat(kit.run(() -> "of a body")).isEqualTo("of a body");

        var future = kit.loop().<String>createFuture();
        kit.loop().callSoon(() -> future.setResult("of a future"));
        assertThat(kit.loop().runUntilComplete(future)).isEqualTo("of a future");

        assertThat(kit.loop().runUntilComplete(future)).as("a done one").isEqualTo("of a future");
    }

    @Test
    void aRunThatIsStoppedEarlyLeavesTheTaskPendingAndALaterRunFinishesIt() {
        var task =
                kit.loop()
                        .createTask(() -> {
                            Async.yieldNow();
                            Async.yieldNow();
                            kit.loop().stop();
                            Async.yieldNow();
                            Async.yieldNow();
                            return "finished";
                        });

        assertThatIllegalStateException()
                .isThrownBy(() -> kit.loop().runUntilComplete(task))
                .withMessageContaining("stopped before")
                .withMessageContaining(task.name());
        assertThat(task.isDone()).isFalse();
        assertThat(kit.loop().runUntilComplete(task)).isEqualTo("finished");
    }

    @Test
    void aRunStoppedInTheTurnInWhichItsFutureEndsDoesNotStopTheNextRun() {
        var task =
                kit.loop()
                        .createTask(() -> {
                            kit.loop().stop();
                            return "done";
                        });
        assertThat(kit.loop().runUntilComplete(task)).isEqualTo("done");

        assertThat(
                        kit.run(() -> {
                            for (var i = 0; i < 5; i++) {
                                Async.yieldNow();
                            }
                            return "whole";
                        }))
                .isEqualTo("whole");
    }

    @Test
    void aLoopCannotRunInsideItselfOrInsideAnother() {
        try (var other = SelectorEventLoop.builder().build()) {
            kit.run(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> kit.loop().runForever())
                        .withMessageContaining("already running");
                assertThatIllegalStateException()
                        .isThrownBy(() -> kit.loop().runUntilComplete(() -> "nested"))
                        .withMessageContaining("already running");
                assertThatIllegalStateException()
                        .isThrownBy(other::runForever)
                        .withMessageContaining(kit.loop().toString())
                        .withMessageContaining(other.toString());
                assertThatIllegalStateException()
                        .isThrownBy(() -> other.runUntilComplete(() -> "nested"));
            });
            assertThat(other.allTasks()).isEmpty();
            assertThat(other.runUntilComplete(() -> "usable")).isEqualTo("usable");
        }
    }

    @Test
    void aLoopCannotRunOnTwoThreadsAtOnce() throws InterruptedException {
        var running = new CountDownLatch(1);
        kit.loop().callSoon(running::countDown);
        var host = Thread.ofPlatform().start(() -> kit.loop().runForever());
        running.await();

        assertThat(kit.loop().isRunning()).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> kit.loop().runForever())
                .withMessageContaining("already running, on another thread");
        assertThatIllegalStateException()
                .isThrownBy(() -> kit.run(() -> calls.add("never started")))
                .withMessageContaining("already running, on another thread");

        kit.loop().callSoonThreadsafe(kit.loop()::stop);
        host.join();
        assertThat(kit.loop().isRunning()).isFalse();
        assertThat(calls).as("what the refused run has left behind").isEmpty();
    }

    @Test
    void aRunningLoopCannotBeClosed() {
        kit.run(() -> {
            assertThat(kit.loop().isRunning()).isTrue();
            assertThatIllegalStateException()
                    .isThrownBy(() -> kit.loop().close())
                    .withMessageContaining("while it runs");
        });
        assertThat(kit.loop().isClosed()).isFalse();
    }

    @Test
    void aFutureOfAnotherLoopIsRefused() {
        try (var other = SelectorEventLoop.builder().build()) {
            var foreign = other.<String>createFuture();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> kit.loop().runUntilComplete(foreign))
                    .withMessageContaining(other.toString())
                    .withMessageContaining(kit.loop().toString());
        }
    }

    @Test
    void onAClosedLoopEverythingThatSchedulesFailsAndCloseDoesNothing() throws IOException {
        var loop = kit.loop();
        var pipe = Pipe.open();
        try (var source = pipe.source();
                var sink = pipe.sink()) {
            source.configureBlocking(false);
            loop.addReader(source, note("reader"));
            loop.close();

            List<ThrowingCallable> calls =
                    List.of(
                            () -> loop.callSoon(note("")),
                            () -> loop.callSoon(note(""), Context.copyCurrent()),
                            () -> loop.callSoonThreadsafe(note("")),
                            () -> loop.callLater(Duration.ZERO, note("")),
                            () -> loop.callAt(0, note("")),
                            () -> loop.createTask(() -> "never started"),
                            () -> loop.newTask(() -> "never started", TaskOptions.DEFAULTS),
                            () -> loop.runForever(),
                            () -> loop.runUntilComplete(() -> "never started"),
                            () -> loop.runUntilComplete(loop.createFuture()),
                            () -> loop.addReader(source, note("")),
                            () -> loop.addWriter(sink, note("")),
                            () -> loop.addSignalHandler("HUP", note("")),
                            () -> loop.service(String.class, _ -> ""),
                            () -> loop.provideService(String.class, ""),
                            () -> loop.onShutdown(() -> {}));
            for (var call : calls) {
                assertThatIllegalStateException()
                        .isThrownBy(call)
                        .withMessageContaining(loop + " is closed");
            }
            assertThatExceptionOfType(RejectedExecutionException.class)
                    .isThrownBy(() -> loop.execute(note("")))
                    .withMessageContaining("closed");
            assertThat(loop.removeReader(source)).isFalse();
            assertThat(loop.removeWriter(sink)).isFalse();
            assertThat(loop.removeSignalHandler("HUP")).isFalse();
            assertThatCode(loop::close).doesNotThrowAnyException();
            assertThat(loop.isClosed()).isTrue();
            assertThat(kit.poller.closed).isTrue();
        }
    }

    @Test
    void closeDropsWhatIsQueued() {
        kit.loop().callSoon(note("ready"));
        kit.loop().callLater(Duration.ZERO, note("timer"));
        kit.loop().callSoonThreadsafe(note("submitted"));

        kit.loop().close();

        assertThat(calls).isEmpty();
    }

    @Test
    void theCurrentLoopIsFoundInCallbacksAndCoroutinesOnly() {
        assertThat(EventLoop.currentOrNull()).isNull();
        assertThatIllegalStateException()
                .isThrownBy(EventLoop::current)
                .withMessageContaining("no event loop runs on thread")
                .withMessageContaining(Thread.currentThread().getName());
        kit.loop()
                .callSoon(() -> {
                    assertThat(EventLoop.current()).isSameAs(kit.loop());
                    assertThat(Async.currentTask()).isNull();
                });
        kit.run(() -> {
            assertThat(EventLoop.current()).isSameAs(kit.loop());
            assertThat(EventLoop.currentOrNull()).isSameAs(kit.loop());
        });
        assertThat(EventLoop.currentOrNull()).isNull();
    }

    @Test
    void runUntilCompleteThrowsWhatTheBodyThrows() {
        var unchecked = new IllegalArgumentException("unchecked");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        kit.run(() -> {
                            throw unchecked;
                        }))
                .isSameAs(unchecked);
        var checked = new IOException("checked");
        assertThatExceptionOfType(java.util.concurrent.CompletionException.class)
                .isThrownBy(() ->
                        kit.run(() -> {
                            throw checked;
                        }))
                .withCause(checked);
    }

    @Test
    void aSubclassSeesEachTurn() {
        var turns = new int[1];
        class Counting extends SelectorEventLoop {
            Counting() {
                super(SelectorEventLoop.builder());
            }

            @Override
            protected void runOnce() {
                turns[0]++;
                super.runOnce();
            }
        }
        try (var loop = new Counting()) {
            loop.runUntilComplete(() -> {
                Async.yieldNow();
                Async.yieldNow();
            });
        }
        assertThat(turns[0]).isEqualTo(4); // three steps of the body, and the end of the run
    }

    @Test
    void aFutureThatIsDoneBeforeTheRunGivesItsResultAfterOneTurn() {
        var future = kit.loop().<String>createFuture();
        future.setResult("value");
        kit.loop().callSoon(note("callback"));
        assertThat(kit.loop().runUntilComplete(future)).isEqualTo("value");
        assertThat(calls).containsExactly("callback");
    }

    @Test
    void runningUntilACancelledFutureThrowsTheCancellation() {
        var future = kit.loop().<String>createFuture();
        future.cancel("not wanted");
        assertThatExceptionOfType(CancelledError.class)
                .isThrownBy(() -> kit.loop().runUntilComplete(future))
                .withMessage("not wanted");
    }

    @Test
    void twoStopsInOneTurnEndOneRunOnly() {
        kit.loop().callSoon(kit.loop()::stop);
        kit.loop().callSoon(kit.loop()::stop);
        kit.loop().runForever();
        kit.loop().callSoon(note("second run"));
        kit.loop().callLater(Duration.ofSeconds(1), kit.loop()::stop);
        kit.loop().runForever();
        assertThat(calls).containsExactly("second run");
        assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void aLoopThatHasRunElsewhereMayRunOnAnotherThread() throws InterruptedException {
        kit.loop().runUntilComplete(() -> calls.add("here"));
        var other =
                Thread.ofPlatform()
                        .start(() -> kit.loop().runUntilComplete(() -> calls.add("there")));
        other.join();
        assertThat(calls).containsExactly("here", "there");
    }
}
