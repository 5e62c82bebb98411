package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.spi.FaultDecision;
import dev.jloop.core.spi.FaultRules;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

@Timeout(60)
class FaultTest {
    private static final FaultDecision A_YIELD = new FaultDecision(Duration.ZERO, false);

    private static SelectorEventLoop loopWith(FaultRules rules) {
        return SelectorEventLoop.builder().faultRules(rules).build();
    }

    @Test
    void nothingHappensOutsideOfALoop() throws IOException {
        try (var _ = loopWith(_ -> FaultDecision.FIRE)) {
            Fault.point("here");
            Fault.point("here", IOException::new);

            assertThat(Fault.chance("here")).isFalse();
        }
    }

    @Test
    void nothingHappensOnALoopWithoutRules() {
        try (var _ = loopWith(_ -> FaultDecision.FIRE);
                var plain = SelectorEventLoop.builder().build()) {
            var fired =
                    plain.runUntilComplete(() -> {
                        Fault.point("here");
                        return Fault.chance("here");
                    });

            assertThat(fired).isFalse();
        }
    }

    @Test
    void aPointThatFiresThrowsAFaultThatNamesIt() {
        try (var loop = loopWith(_ -> FaultDecision.FIRE)) {
            assertThatThrownBy(() -> loop.runUntilComplete(() -> Fault.point("disk.write")))
                    .isInstanceOf(InjectedFault.class)
                    .hasMessageContaining("'disk.write'");
        }
    }

    @Test
    void aPointThrowsTheExceptionItWasGivenMarkedAsInjected() {
        try (var loop = loopWith(_ -> FaultDecision.FIRE)) {
            var caught =
                    loop.runUntilComplete(() -> {
                        try {
                            Fault.point("open", () -> new FileNotFoundException("gone"));
                            return null;
                        } catch (FileNotFoundException failure) {
                            return failure;
                        }
                    });

            assertThat(caught).hasMessage("gone");
            assertThat(caught.getSuppressed()).singleElement().isInstanceOf(InjectedFault.class);
        }
    }

    @Test
    void theFailureIsMadeOnlyWhereThePointFires() {
        try (var loop = loopWith(_ -> FaultDecision.PASS)) {
            loop.runUntilComplete(() ->
                    Fault.point(
                            "never",
                            () -> {
                                throw new AssertionError("asked for a failure");
                            }));
        }
    }

    @Test
    void theRulesAreAskedOnceForEachArrivalByName() {
        var arrivals = new ArrayList<String>();
        FaultRules rules =
                point -> {
                    arrivals.add(point);
                    return arrivals.size() == 2 ? FaultDecision.FIRE : FaultDecision.PASS;
                };
        try (var loop = loopWith(rules)) {
            var answers =
                    loop.runUntilComplete(() -> {
                        Fault.point("a");
                        var first = Fault.chance("b");
                        return List.of(first, Fault.chance("b"));
                    });

            assertThat(answers).containsExactly(true, false);
            assertThat(arrivals).containsExactly("a", "b", "b");
        }
    }

    @Test
    void aDelayLetsOthersRunBeforeTheFault() {
        var order = new ArrayList<String>();
        try (var loop = loopWith(_ -> new FaultDecision(Duration.ZERO, true))) {
            loop.runUntilComplete(() -> {
                Async.createTask(() -> {
                    order.add("other");
                });
                try {
                    Fault.point("slow");
                } catch (InjectedFault _) {
                    order.add("fault");
                }
            });
        }

        assertThat(order).containsExactly("other", "fault");
    }

    @Test
    void aTaskThatIsCancelledWhileAPointDelaysItEndsCancelled() {
        try (var loop = loopWith(_ -> new FaultDecision(Duration.ofDays(1), true))) {
            loop.runUntilComplete(() -> {
                var task = Async.createTask(() -> Fault.point("slow"));
                Async.yieldNow();
                task.cancel();
                Async.waitAll(List.of(task));

                assertThat(task.isCancelled()).isTrue();
            });
        }
    }

    @Test
    void aCallbackCannotBeDelayed() {
        try (var loop = loopWith(_ -> A_YIELD)) {
            var failure = new CompletableFuture<Throwable>();
            loop.setExceptionHandler((_, report) -> failure.complete(report.exception()));
            loop.callSoon(() -> Fault.point("in.callback"));
            loop.runUntilComplete(Async::yieldNow);

            assertThat(failure.join())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'in.callback'")
                    .hasMessageContaining("callback cannot wait");
        }
    }

    @Test
    void aChanceCannotBeDelayed() {
        try (var loop = loopWith(_ -> A_YIELD)) {
            assertThatThrownBy(() -> loop.runUntilComplete(() -> Fault.chance("rare")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'rare'")
                    .hasMessageContaining("Fault.point can");
        }
    }

    @Test
    void codeOnAnotherThreadSeesNoFaults() {
        try (var loop = loopWith(_ -> FaultDecision.FIRE)) {
            var elsewhere =
                    loop.runUntilComplete(() -> {
                        var answer = new CompletableFuture<Boolean>();
                        var thread =
                                Thread.ofPlatform().start(() -> answer.complete(Fault.chance("x")));
                        thread.join();
                        return answer.join();
                    });

            assertThat(elsewhere).isFalse();
        }
    }

    @Test
    void twoLoopsHaveRulesOfTheirOwn() {
        try (var failing = loopWith(_ -> FaultDecision.FIRE);
                var passing = loopWith(_ -> FaultDecision.PASS)) {
            assertThat(failing.runUntilComplete(() -> Fault.chance("x"))).isTrue();
            assertThat(passing.runUntilComplete(() -> Fault.chance("x"))).isFalse();
        }
    }

    @Test
    void aNegativeDelayIsRefused() {
        assertThatThrownBy(() -> new FaultDecision(Duration.ofMillis(-1), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-0.001S");
    }
}
