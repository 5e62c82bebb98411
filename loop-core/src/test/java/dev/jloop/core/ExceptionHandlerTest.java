package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

class ExceptionHandlerTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();
    @RegisterExtension final LogCapture log = new LogCapture();

    private final IllegalStateException failure = new IllegalStateException("planted");
    private final List<String> calls = new ArrayList<>();

    private void fail() {
        throw failure;
    }

    @Test
    void aCallbackThatThrowsIsReportedWithItsHandleAndTheLoopGoesOn() {
        var handle = kit.loop().callSoon(this::fail);
        kit.loop().callSoon(() -> calls.add("next"));

        kit.runOneTurn();

        assertThat(calls).containsExactly("next");
        var report = kit.takeOnlyReport();
        assertThat(report.message()).contains("exception in callback").contains(handle.toString());
        assertThat(report.exception()).isSameAs(failure);
        assertThat(report.details()).containsOnlyKeys("handle").containsEntry("handle", handle);
    }

    @Test
    void aReportGivesWhatItCarriesByType() {
        kit.loop().setDebug(true);
        var handle = kit.loop().callSoon(this::fail);
        kit.runOneTurn();
        var ofCallback = kit.takeOnlyReport();
        assertThat(ofCallback.handle()).contains(handle);
        assertThat(ofCallback.task()).isEmpty();
        assertThat(ofCallback.future()).isEmpty();
        assertThat(ofCallback.createdAt()).isPresent();

        var task = kit.run(Async::currentTask);
        var report = LoopException.of("planted", failure).with("task", task).with("port", 80);
        assertThat(report.task()).containsSame(task);
        assertThat(report.future()).containsSame(task);
        assertThat(report.createdAt()).isEmpty();
        assertThat(report.detail("port", Integer.class)).contains(80);
        assertThat(report.detail("port", String.class)).isEmpty();
    }

    @Test
    void inDebugModeTheReportSaysWhereTheCallbackWasScheduled() {
        kit.loop().setDebug(true);
        kit.loop().callSoon(this::fail);
        kit.runOneTurn();
        assertThat(kit.takeOnlyReport().details().get("created at"))
                .isInstanceOfSatisfying(
                        Throwable.class,
                        site ->
                                assertThat(site.getStackTrace())
                                        .anyMatch(frame ->
                                                frame.getMethodName().startsWith("inDebugMode")));
    }

    @Test
    void theDefaultHandlerLogsMessageDetailsAndException() {
        kit.loop().setExceptionHandler(null);
        kit.loop().setDebug(true);
        kit.loop().callSoon(this::fail);

        kit.runOneTurn();

        var event = log.events().getFirst();
        assertThat(event.getLevel()).isEqualTo(Level.ERROR);
        assertThat(event.getFormattedMessage())
                .contains("exception in callback")
                .contains(getClass().getSimpleName())
                .contains("created at:")
                .contains("theDefaultHandlerLogs");
        assertThat(event.getThrowableProxy().getMessage()).isEqualTo("planted");
    }

    @Test
    void aHandlerThatThrowsIsReportedByTheDefaultOneWithWhatItWasTold() {
        kit.loop()
                .setExceptionHandler((_, _) -> {
                    throw new AssertionError("broken handler");
                });
        kit.loop().callSoon(this::fail);
        kit.loop().callSoon(() -> calls.add("next"));

        kit.runOneTurn();

        assertThat(calls).containsExactly("next");
        var event = log.events().getFirst();
        assertThat(event.getFormattedMessage())
                .contains("the exception handler failed")
                .contains("exception in callback");
        assertThat(event.getThrowableProxy().getMessage()).isEqualTo("broken handler");
        assertThat(event.getThrowableProxy().getSuppressed()[0].getMessage()).isEqualTo("planted");
    }

    @Test
    void theHandlerSeesTheVariablesOfWhatFailed() {
        var variable = ContextVar.create("user", "nobody");
        kit.loop().setExceptionHandler((_, _) -> calls.add(variable.get()));
        kit.loop()
                .callSoon(() -> {
                    variable.set("of the callback");
                    fail();
                });
        kit.runOneTurn();
        assertThat(calls).containsExactly("of the callback");
    }

    @Test
    void theHandlerSeesTheVariablesOfATaskThatFailedOrIsStillPending() {
        var variable = ContextVar.create("user", "nobody");
        kit.loop().setExceptionHandler((_, _) -> calls.add(variable.get()));
        var failed =
                kit.loop()
                        .createTask(
                                (Callable<String>)
                                        () -> {
                                            variable.set("of the failed task");
                                            throw failure;
                                        });
        kit.loop()
                .createTask(() -> {
                    variable.set("of the pending task");
                    kit.loop().<String>createFuture().await();
                });
        kit.runTurns(2);
        assertThat(failed.isDone()).isTrue();

        kit.loop().close();

        assertThat(calls).containsExactly("of the pending task", "of the failed task");
    }

    @Test
    void theHandlerIsToldWhichLoop() {
        kit.loop().setExceptionHandler((loop, _) -> calls.add(loop.toString()));
        kit.loop().callExceptionHandler(LoopException.of("by hand", null));
        assertThat(calls).containsExactly(kit.loop().toString());
    }

    @Test
    void errorsAreReportedLikeAnyFailureAndTheLoopGoesOn() {
        List<Error> errors =
                List.of(
                        new AssertionError("assertion"),
                        new StackOverflowError("stack"),
                        new NoClassDefFoundError("class"),
                        new CancelledError("in a callback"));
        for (var error : errors) {
            kit.loop()
                    .callSoon(() -> {
                        throw error;
                    });
        }
        kit.runOneTurn();
        assertThat(kit.takeReports())
                .extracting(LoopException::exception)
                .containsExactlyElementsOf(errors);
    }

    @Test
    void aRealStackOverflowInACoroutineFailsItsTaskOnly() {
        var task = kit.loop().createTask(() -> depth(0));
        kit.runTurns(2);
        assertThat(task.exception()).isInstanceOf(StackOverflowError.class);
        assertThat(kit.run(() -> "usable")).isEqualTo("usable");
    }

    @SuppressWarnings("InfiniteRecursion") // on purpose
    private static int depth(int above) {
        return depth(above + 1) + 1;
    }

    @Test
    void aCheckedExceptionThrownPastTheCompilerIsReportedToo() {
        var checked = new IOException("past the compiler");
        kit.loop().callSoon(() -> ExceptionHandlerTest.<RuntimeException>throwAnything(checked));
        kit.runOneTurn();
        assertThat(kit.takeOnlyReport().exception()).isSameAs(checked);
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void throwAnything(Throwable anything) throws X {
        throw (X) anything;
    }

    @Test
    void aVirtualMachineErrorOfACallbackEndsTheRunAndTheLoopStaysUsable() {
        var error = new OutOfMemoryError("planted");
        kit.loop()
                .callSoon(() -> {
                    throw error;
                });
        kit.loop().callSoon(() -> calls.add("left for the next run"));
        assertThatExceptionOfType(OutOfMemoryError.class)
                .isThrownBy(() -> kit.loop().runForever())
                .isSameAs(error);
        assertThat(kit.loop().isRunning()).isFalse();
        assertThat(calls).isEmpty();

        assertThat(
                        kit.run(() -> {
                            for (var i = 0; i < 3; i++) {
                                Async.yieldNow();
                            }
                            return "usable";
                        }))
                .isEqualTo("usable");
        assertThat(calls).containsExactly("left for the next run");
    }

    @Test
    void aVirtualMachineErrorOfATaskIsItsFailureAndEndsTheRun() {
        var error = new InternalError("planted");
        var task =
                kit.loop()
                        .createTask(
                                (Callable<String>)
                                        () -> {
                                            throw error;
                                        });
        assertThatExceptionOfType(InternalError.class)
                .isThrownBy(() -> kit.loop().runUntilComplete(task))
                .isSameAs(error);
        assertThat(task.exception()).isSameAs(error);

        assertThat(
                        kit.run(() -> {
                            for (var i = 0; i < 3; i++) {
                                Async.yieldNow();
                            }
                            return "usable";
                        }))
                .isEqualTo("usable");
    }

    @Test
    void aReportIsReadableAndImmutable() {
        var report = LoopException.of("message", failure).with("task", "a task").with("mine", 42);
        assertThat(report.message()).isEqualTo("message");
        assertThat(report.details())
                .containsExactly(
                        java.util.Map.entry("task", "a task"), java.util.Map.entry("mine", 42));
        assertThat(report.toString()).contains("message", "task: a task", "planted");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> report.details().clear());
    }

    @Test
    void withoutAHandlerTheDefaultOneIsBack() {
        kit.loop().setExceptionHandler((_, _) -> calls.add("handler"));
        kit.loop().setExceptionHandler(null);
        kit.loop().callSoon(this::fail);
        kit.runOneTurn();
        assertThat(calls).isEmpty();
        assertThat(log.messages()).anyMatch(line -> line.contains("exception in callback"));
    }

    @Test
    void aHandlerMayScheduleAndStopTheLoop() {
        kit.loop()
                .setExceptionHandler((loop, _) -> {
                    loop.callSoon(() -> calls.add("scheduled by the handler"));
                    loop.callSoon(loop::stop);
                });
        kit.loop().callSoon(this::fail);
        kit.loop().runForever();
        assertThat(calls).containsExactly("scheduled by the handler");
    }

    @Test
    void aTimerAndADoneCallbackThatThrowAreReportedToo() {
        var future = kit.loop().createFuture();
        future.addDoneCallback(_ -> fail());
        future.setResult("value");
        kit.loop().callLater(Duration.ZERO, this::fail);
        kit.runTurns(2);
        assertThat(kit.takeReports())
                .hasSize(2)
                .allSatisfy(report -> assertThat(report.exception()).isSameAs(failure))
                .allSatisfy(report -> assertThat(report.details()).containsKey("handle"));
    }
}
