package dev.jloop.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.LoopException;
import dev.jloop.core.Task;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.VirtualTimeLoop;

import java.time.Duration;
import java.util.ArrayList;

class ShieldTest {
    private static Task<String> slow() {
        return Async.createTask(() -> {
            Async.sleep(Duration.ofSeconds(5));
            return "survived";
        });
    }

    @LoopTest(seeds = 10)
    void theInnerFutureSurvivesTheCancellationOfTheOuter() {
        var inner = slow();
        var waiter = Async.createTask(() -> Async.shield(inner).await());
        Async.sleep(Duration.ofSeconds(1));

        waiter.cancel();

        assertThatThrownBy(waiter::await).isInstanceOf(CancelledError.class);
        assertThat(inner.await()).isEqualTo("survived");
    }

    @LoopTest(seeds = 10)
    void cancellingTheInnerFutureCancelsTheOuter() {
        var inner = slow();
        var outer = Async.shield(inner);
        Async.sleep(Duration.ofSeconds(1));

        inner.cancel("inner");

        assertThatThrownBy(outer::await).isInstanceOf(CancelledError.class).hasMessage("inner");
        assertThat(outer.isCancelled()).isTrue();
    }

    @LoopTest
    void anInnerFailureThatNobodyWaitsForAnyMoreIsReported(VirtualTimeLoop loop) {
        var reports = new ArrayList<LoopException>();
        loop.setExceptionHandler((_, report) -> reports.add(report));
        var failure = new IllegalStateException("alone");
        Task<String> inner =
                Async.createTask(() -> {
                    Async.sleep(Duration.ofSeconds(5));
                    throw failure;
                });
        Async.shield(inner).cancel();

        Async.sleep(Duration.ofSeconds(10));

        assertThat(reports)
                .singleElement()
                .satisfies(report -> assertThat(report.exception()).isSameAs(failure));
    }

    @LoopTest
    void aFutureThatIsDoneNeedsNoShield(VirtualTimeLoop loop) {
        var done = loop.<String>createFuture();
        done.setResult("done");

        assertThat(Async.shield(done)).isSameAs(done);
    }
}
