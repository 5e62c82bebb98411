package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

class AwaitedAtTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private static String failing() {
        throw new IllegalStateException("boom");
    }

    private static String awaitsInTheMiddle(Task<String> task) {
        return task.await();
    }

    private static List<AwaitedAt> crossings(Throwable failure) {
        return Arrays.stream(failure.getSuppressed())
                .filter(AwaitedAt.class::isInstance)
                .map(AwaitedAt.class::cast)
                .toList();
    }

    private static List<String> methods(Throwable site) {
        return Arrays.stream(site.getStackTrace()).map(StackTraceElement::getMethodName).toList();
    }

    @Test
    void aFailureShowsEachTaskThatAwaitedItInOrder() {
        kit.run(() -> {
            Async.currentTask().rename("outer");
            var inner = Async.createTask(AwaitedAtTest::failing, "inner");
            var middle = Async.createTask(() -> awaitsInTheMiddle(inner), "middle");
            var failure = catchThrowable(middle::await);
            assertThat(failure).isExactlyInstanceOf(IllegalStateException.class);
            var crossings = crossings(failure);
            assertThat(crossings)
                    .extracting(Throwable::getMessage)
                    .containsExactly(
                            "task 'middle' awaited task 'inner' here",
                            "task 'outer' awaited task 'middle' here");
            assertThat(methods(crossings.getFirst())).contains("awaitsInTheMiddle");
            assertThat(crossings.getLast().getStackTrace())
                    .anyMatch(frame -> frame.getClassName().equals(AwaitedAtTest.class.getName()));
        });
    }

    @Test
    void theCauseOfACheckedFailureHasItToo() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        throw new IOException("boom");
                    });
            var failure = catchThrowable(task::await);
            assertThat(crossings(failure.getCause())).hasSize(1);
        });
    }

    @Test
    void onlyTheFirstAwaitOfAFutureIsNoted() {
        kit.run(() -> {
            var task = Async.createTask(AwaitedAtTest::failing);
            for (var i = 0; i < 3; i++) {
                assertThat(crossings(catchThrowable(task::await))).hasSize(1);
            }
        });
    }

    @Test
    void aFailureThatIsPassedOnWithoutEndDoesNotGrowWithoutEnd() {
        kit.run(() -> {
            var next = Async.createTask(AwaitedAtTest::failing);
            for (var i = 0; i < 50; i++) {
                var task = next;
                next = Async.createTask(task::await);
            }
            assertThat(crossings(catchThrowable(next::await))).hasSize(AwaitedAt.LONGEST_WAY);
        });
    }

    @Test
    void aCancellationHasNone() {
        kit.run(() -> {
            var task = Async.createTask(() -> Async.yieldNow());
            task.cancel();
            assertThat(crossings(catchThrowable(task::await))).isEmpty();
        });
    }

    @Test
    void aGatherIsNamedAsAFuture() {
        kit.run(() -> {
            Async.currentTask().rename("main");
            var task = Async.createTask(AwaitedAtTest::failing);
            var failure = catchThrowable(() -> Async.gather(List.of(task)).await());
            assertThat(crossings(failure))
                    .extracting(Throwable::getMessage)
                    .containsExactly("task 'main' awaited a gather here");
        });
    }
}
