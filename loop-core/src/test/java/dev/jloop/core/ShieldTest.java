package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.List;

class ShieldTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private LoopFuture<String> future() {
        return kit.loop().createFuture();
    }

    @Test
    void theInnerFutureSurvivesACancellationOfTheOuterOne() {
        kit.run(() -> {
            var inner = future();
            var waiter = Async.createTask(() -> Async.shield(inner).await());
            Async.yieldNow();
            waiter.cancel();
            Async.waitAll(List.of(waiter));
            assertThat(waiter.isCancelled()).isTrue();
            assertThat(inner.isDone()).isFalse();
            inner.setResult("value");
            assertThat(inner.await()).isEqualTo("value");
        });
    }

    @Test
    void theOuterFutureEndsAsTheInnerOneDoes() {
        kit.run(() -> {
            var value = future();
            var ofValue = Async.shield(value);
            value.setResult("value");
            assertThat(ofValue.await()).isEqualTo("value");

            var failure = new IllegalStateException("failure");
            var failed = future();
            var ofFailed = Async.shield(failed);
            failed.setException(failure);
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(ofFailed::await)
                    .isSameAs(failure);

            var cancelled = future();
            var ofCancelled = Async.shield(cancelled);
            cancelled.cancel("inner");
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(ofCancelled::await)
                    .withMessage("inner");
            assertThat(ofCancelled.isCancelled()).isTrue();
        });
    }

    @Test
    void aDoneInnerFutureIsGivenBackAsItIs() {
        kit.run(() -> {
            var inner = future();
            inner.setResult("value");
            assertThat(Async.shield(inner)).isSameAs(inner);
        });
    }

    @Test
    void anInnerFailureAfterTheOuterWasCancelledIsReported() {
        var failure = new IllegalStateException("lost");
        kit.run(() -> {
            var inner = future();
            Async.shield(inner).cancel();
            inner.setException(failure);
            Async.yieldNow();
            Async.yieldNow();
            var report = kit.takeOnlyReport();
            assertThat(report.exception()).isSameAs(failure);
            assertThat(report.details()).containsEntry("future", inner);
        });
    }

    @Test
    void severalShieldsAroundOneFutureAreIndependent() {
        kit.run(() -> {
            var inner = future();
            var first = Async.shield(inner);
            var second = Async.shield(inner);
            first.cancel();
            inner.setResult("value");
            assertThat(second.await()).isEqualTo("value");
            assertThat(first.isCancelled()).isTrue();
        });
    }

    @Test
    void aGatherThatIsShieldedGoesOnWhenItsWaiterIsCancelled() {
        kit.run(() -> {
            var children = List.of(future(), future());
            var all = Async.gather(children);
            var waiter = Async.createTask(() -> Async.shield(all).await());
            Async.yieldNow();
            waiter.cancel();
            Async.yieldNow();
            assertThat(waiter.isCancelled()).isTrue();
            children.forEach(child -> child.setResult("value"));
            assertThat(all.await()).containsExactly("value", "value");
        });
    }
}
