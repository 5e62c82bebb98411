package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

class UnretrievedExceptionTest {
    private static final long SAFETY_NET_NANOS = TimeUnit.SECONDS.toNanos(20);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final IllegalStateException failure = new IllegalStateException("planted");

    private Task<String> failingTask() {
        return kit.loop()
                .createTask(
                        (Callable<String>)
                                () -> {
                                    throw failure;
                                },
                        "failing");
    }

    private LoopFuture<String> failedFuture() {
        var future = kit.loop().<String>createFuture();
        future.setException(failure);
        return future;
    }

    @Test
    void theFailureOfATaskThatNobodyLookedAtIsReportedWhenTheLoopCloses() {
        var task = failingTask();
        kit.runTurns(2);
        assertThat(task.isDone()).isTrue();
        assertThat(kit.takeReports()).isEmpty();

        kit.loop().close();

        var report = kit.takeOnlyReport();
        assertThat(report.message()).contains("never looked at");
        assertThat(report.exception()).isSameAs(failure);
        assertThat(report.details().get("task").toString()).contains("failing");
    }

    @Test
    void theFailureOfAFutureThatNobodyLookedAtIsReportedToo() {
        var future = failedFuture();
        kit.loop().close();
        assertThat(kit.takeOnlyReport().details()).containsKey("future");
        assertThat(future.exception()).isSameAs(failure);
    }

    @Test
    void aFailureIsReportedWhenItsFutureHasBecomeUnreachable() {
        forgetAFailedTask();
        var reports = List.<LoopException>of();
        var end = System.nanoTime() + SAFETY_NET_NANOS;
        while (reports.isEmpty()) {
            assertThat(System.nanoTime()).as("nothing is reported").isLessThan(end);
            System.gc();
            kit.runOneTurn();
            reports = kit.takeReports();
        }
        assertThat(reports).hasSize(1);
        assertThat(reports.getFirst().exception()).isSameAs(failure);
        kit.loop().close();
        assertThat(kit.takeReports()).as("reported once").isEmpty();
    }

    @Test
    void withoutReportsOfUnreachableFailuresTheyAllComeInTheirOrderWhenTheLoopCloses() {
        var reports = new ArrayList<String>();
        try (var loop = SelectorEventLoop.builder().reportUnreachableFailures(false).build()) {
            loop.setExceptionHandler(
                    (_, report) -> reports.add(String.valueOf(report.exception())));
            var forgotten = new ArrayList<WeakReference<LoopFuture<Object>>>();
            for (var number = 0; number < 50; number++) {
                forgotten.add(failAndForget(loop, new IllegalStateException("no " + number)));
            }
            var end = System.nanoTime() + SAFETY_NET_NANOS;
            while (forgotten.stream().anyMatch(future -> future.get() != null)) {
                assertThat(System.nanoTime()).as("something is reachable still").isLessThan(end);
                System.gc();
            }
            loop.runUntilComplete(() -> {
                Async.yieldNow();
            });
            assertThat(reports).isEmpty();
        }
        assertThat(reports)
                .isEqualTo(
                        IntStream.range(0, 50)
                                .mapToObj(number -> "java.lang.IllegalStateException: no " + number)
                                .toList());
    }

    private static WeakReference<LoopFuture<Object>> failAndForget(
            EventLoop loop, Exception exception) {
        var future = loop.createFuture();
        future.setException(exception);
        return new WeakReference<>(future);
    }

    private void forgetAFailedTask() {
        assertThat(failingTask().isDone()).isFalse();
        kit.runTurns(2);
    }

    @Test
    void whoeverLooksAtAFailureRetrievesIt() {
        var byResult = failedFuture();
        assertThatIllegalStateException().isThrownBy(byResult::result);
        assertThat(failedFuture().exception()).isSameAs(failure);
        var awaited = failedFuture();
        kit.run(() -> {
            assertThatIllegalStateException().isThrownBy(awaited::await);
        });
        assertThat(Outcome.of(failedFuture())).isInstanceOf(Outcome.Failure.class);

        kit.loop().close();

        assertThat(kit.takeReports()).isEmpty();
    }

    @Test
    void aCancelMarksTheFailureAsRetrievedEvenIfItComesTooLate() {
        assertThat(failedFuture().cancel()).isFalse();
        kit.loop().close();
        assertThat(kit.takeReports()).isEmpty();
    }

    @Test
    void aLookThroughStateOrTextDoesNotRetrieveTheFailure() {
        var future = failedFuture();
        assertThat(future.isDone()).isTrue();
        assertThat(future.isCancelled()).isFalse();
        assertThat(future.toString()).contains("planted");
        kit.loop().close();
        assertThat(kit.takeReports()).hasSize(1);
    }

    @Test
    void aWaitDoesNotRetrieveTheFailure() {
        kit.run(() -> {
            Async.waitAll(List.of(failedFuture()));
        });
        kit.loop().close();
        assertThat(kit.takeReports()).hasSize(1);
    }

    @Test
    void aCancelledTaskIsNeverReported() {
        var task = failingTask();
        task.cancel();
        kit.runTurns(2);
        kit.loop().close();
        assertThat(kit.takeReports()).isEmpty();
    }
}
