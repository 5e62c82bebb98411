package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// What newcomers do wrong first, and whether the answer tells them what to do.
class FirstMistakesTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onRealSelector();
    @RegisterExtension final LogCapture log = new LogCapture();

    private final List<Throwable> thrown = new ArrayList<>();

    private Throwable onlyThrown() {
        assertThat(thrown).hasSize(1);
        return thrown.getFirst();
    }

    private void expectIllegalState(ThrowingCallable call) {
        assertThatIllegalStateException().isThrownBy(call).satisfies(thrown::add);
    }

    @Test
    void awaitingOutsideAnyCoroutine() {
        var future = kit.loop().<String>createFuture();
        expectIllegalState(future::await);
        assertThat(onlyThrown().getMessage())
                .contains("outside any coroutine")
                .contains(Thread.currentThread().getName())
                .contains("Async.run or createTask");
    }

    @Test
    void awaitingInACallback() {
        var future = kit.loop().<String>createFuture();
        kit.loop().callSoon(() -> expectIllegalState(future::await));
        kit.runOneTurn();
        assertThat(onlyThrown().getMessage())
                .contains("in a callback")
                .contains("addDoneCallback")
                .contains("createTask");
    }

    @Test
    void sleepingOrYieldingInACallback() {
        kit.loop().callSoon(() -> expectIllegalState(Async::yieldNow));
        kit.loop().callSoon(() -> expectIllegalState(() -> Async.sleep(Duration.ofMillis(1))));
        kit.runOneTurn();
        assertThat(thrown).hasSize(2).allMatch(error -> error.getMessage().contains("callback"));
    }

    @Test
    void sleepingWithoutALoop() {
        expectIllegalState(() -> Async.sleep(Duration.ofMillis(1)));
        assertThat(onlyThrown().getMessage())
                .contains("no event loop runs on thread")
                .contains("Async.run");
    }

    @Test
    void callingTheLoopFromAnotherThreadInDebugMode() throws Exception {
        var loop = kit.loop();
        loop.setDebug(true);
        var future = loop.<String>createFuture();
        var task = loop.createTask(future::await);
        var pipe = Pipe.open();
        try (var source = pipe.source();
                var sink = pipe.sink()) {
            source.configureBlocking(false);
            sink.configureBlocking(false);
            List<ThrowingCallable> wrong =
                    List.of(
                            () -> loop.callSoon(() -> {}),
                            () -> loop.callLater(Duration.ZERO, () -> {}),
                            () -> loop.callAt(0, () -> {}),
                            () -> loop.createTask(() -> ""),
                            () -> loop.stop(),
                            () -> loop.addReader(source, () -> {}),
                            () -> loop.removeReader(source),
                            () -> loop.addWriter(sink, () -> {}),
                            () -> loop.removeWriter(sink),
                            () -> loop.addSignalHandler("USR2", () -> {}),
                            () -> loop.removeSignalHandler("USR2"),
                            () -> loop.service(String.class, _ -> ""),
                            () -> loop.provideService(String.class, ""),
                            () -> loop.onShutdown(() -> {}),
                            () -> future.setResult(""),
                            () -> future.setException(new IllegalStateException()),
                            () -> future.cancel(),
                            () -> future.addDoneCallback(_ -> {}),
                            () -> future.removeDoneCallback(_ -> {}),
                            () -> task.cancel());
            var running = new CountDownLatch(1);
            loop.callSoon(running::countDown);
            var host = Thread.ofPlatform().name("the host").start(() -> loop.runForever());
            running.await();

            for (var call : wrong) {
                assertThatExceptionOfType(WrongThreadException.class)
                        .isThrownBy(call)
                        .withMessageContaining(Thread.currentThread().getName())
                        .withMessageContaining(hostName())
                        .withMessageContaining("callSoonThreadsafe");
            }

            loop.callSoonThreadsafe(() -> {
                future.setResult("untouched");
                loop.callSoon(loop::stop);
            });
            host.join();
            assertThat(loop.runUntilComplete(task)).isEqualTo("untouched");
        }
    }

    /// The baton engine runs the loop on a thread of its own.
    private static String hostName() {
        return "baton".equals(System.getProperty("jloop.engine")) ? "jloop-host" : "the host";
    }

    @Test
    void blockingInACoroutineInDebugMode() {
        kit.loop().setDebug(true);
        kit.loop().setSlowCallbackDuration(Duration.ofMillis(30));
        var watchdogSpoke = new CountDownLatch(1);
        kit.loop().createTask(() -> blockUntil(watchdogSpoke), "the culprit");
        var listener =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                var event = log.await(message -> message.contains("is stuck"));
                                assertThat(event.getFormattedMessage())
                                        .contains("the culprit")
                                        .contains(kit.loop().toString())
                                        .contains("Offload.toThread");
                                assertThat(
                                                event.getThrowableProxy()
                                                        .getStackTraceElementProxyArray())
                                        .anyMatch(frame ->
                                                frame.getStackTraceElement()
                                                        .getMethodName()
                                                        .equals("blockUntil"));
                            } catch (InterruptedException | AssertionError failure) {
                                thrown.add(failure);
                            } finally {
                                watchdogSpoke.countDown();
                            }
                        });

        kit.runOneTurn();

        try {
            listener.join();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
        assertThat(thrown).isEmpty();
        assertThat(log.messages())
                .as("the line about the slow step when it has ended")
                .anyMatch(line -> line.contains("the culprit") && line.contains(" took "));
    }

    private static void blockUntil(CountDownLatch released) throws InterruptedException {
        released.await(); // the blocking itself is tested
    }

    @Test
    void aSlowCallbackIsNamedInDebugMode() {
        kit.loop().setDebug(true);
        kit.loop().setSlowCallbackDuration(Duration.ofNanos(1));
        kit.loop()
                .callSoon(
                        new Runnable() {
                            @Override
                            public void run() {}

                            @Override
                            public String toString() {
                                return "the slow callback";
                            }
                        });
        kit.runOneTurn();
        assertThat(log.messages())
                .singleElement()
                .asString()
                .contains("the slow callback")
                .contains("ms");
    }

    @Test
    void aSlowCallbackIsNotMentionedWithoutDebugMode() {
        kit.loop().setSlowCallbackDuration(Duration.ofNanos(1));
        kit.loop().callSoon(() -> {});
        kit.runOneTurn();
        assertThat(log.messages()).isEmpty();
    }

    @Test
    void aSlowCallbackDurationMustBePositive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kit.loop().setSlowCallbackDuration(Duration.ZERO))
                .withMessageContaining("must be positive");
    }

    @Test
    void runningALoopInsideALoop() {
        kit.run(() -> expectIllegalState(() -> Async.run(() -> "nested")));
        assertThat(onlyThrown().getMessage())
                .contains(kit.loop().toString())
                .contains("await()")
                .contains("createTask");
    }

    @Test
    void usingAClosedLoop() {
        var loop = SelectorEventLoop.builder().build();
        loop.close();
        expectIllegalState(() -> loop.callSoon(() -> {}));
        assertThat(onlyThrown().getMessage()).contains(loop + " is closed").contains("new one");
    }

    @Test
    void anExceptionInACallbackIsLoggedWithTheCallbacksName() {
        kit.loop().setExceptionHandler(null);
        kit.loop()
                .callSoon(
                        new Runnable() {
                            @Override
                            public void run() {
                                throw new IllegalStateException("planted");
                            }

                            @Override
                            public String toString() {
                                return "the broken callback";
                            }
                        });
        kit.runOneTurn();
        assertThat(log.messages())
                .singleElement()
                .asString()
                .contains("exception in callback")
                .contains("the broken callback");
    }

    @Test
    void anUnknownEngine() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SelectorEventLoop.builder().engine("turbo").build())
                .withMessageContaining("turbo")
                .withMessageContaining("jloop.engine takes mounted or baton");
    }

    @Test
    void askingForTheLoopInAThreadThatACoroutineHasStarted() {
        kit.run(() -> {
            var child =
                    Thread.ofVirtual()
                            .start(() -> {
                                expectIllegalState(EventLoop::current);
                                assertThat(EventLoop.currentOrNull()).isNull();
                            });
            child.join();
        });
        assertThat(onlyThrown().getMessage()).contains("no event loop runs on thread");
    }

    @Test
    void askingForTheLoopInAForeignThreadThatInheritedTheScopedValue() {
        // What a fork of a StructuredTaskScope inherits, without that preview API.
        CurrentLoop.runIn(kit.loop(), () -> expectIllegalState(EventLoop::current));
        assertThat(onlyThrown().getMessage()).contains("no event loop runs on thread");
    }

    @Test
    void givingABodyThatIsNull() {
        assertThatExceptionOfType(NullPointerException.class)
                .isThrownBy(() -> kit.loop().createTask((AsyncRunnable) null))
                .withMessageContaining("body");
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller without nullness checks may do
    void givingNullIsAnsweredWithTheNameOfWhatIsMissing() {
        var loop = kit.loop();
        expectMissing("signal", () -> loop.addSignalHandler(null, () -> {}));
        expectMissing("signal", () -> loop.removeSignalHandler(null));
        expectMissing("channel", () -> loop.addReader(null, () -> {}));
        expectMissing("channel", () -> loop.removeReader(null));
        expectMissing("channel", () -> loop.addWriter(null, () -> {}));
        expectMissing("channel", () -> loop.removeWriter(null));
        expectMissing("threshold", () -> loop.setSlowCallbackDuration(null));
        expectMissing("future", () -> loop.runUntilComplete((LoopFuture<String>) null));
        expectMissing("options", () -> loop.createTask(() -> "never", (TaskOptions) null));
    }

    private static void expectMissing(String what, ThrowingCallable call) {
        assertThatExceptionOfType(NullPointerException.class).isThrownBy(call).withMessage(what);
    }

    private static final class GivesNull implements TaskFactory {
        @Override
        @SuppressWarnings("NullAway") // the mistake
        public <T> Task<T> create(EventLoop loop, Callable<T> body, TaskOptions options) {
            return null;
        }
    }

    @Test
    void aTaskFactoryThatGivesNull() {
        kit.loop().setTaskFactory(new GivesNull());
        assertThatExceptionOfType(NullPointerException.class)
                .isThrownBy(() -> kit.loop().createTask(() -> "never"))
                .withMessage("the task factory gave null");
    }
}
