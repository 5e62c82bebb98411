package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.jloop.core.spi.LoopObserver;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;

class RecurringHandleTest {
    private final List<Object> observed = new ArrayList<>();

    private final LoopObserver observer =
            new LoopObserver() {
                @Override
                public void callbackEnded(Object callback, long nanos) {
                    observed.add(callback);
                }
            };

    @RegisterExtension
    final LoopFixture kit = LoopFixture.onVirtualTime(builder -> builder.observer(observer));

    private final List<String> calls = new ArrayList<>();

    private RecurringHandle recurring(Runnable callback) {
        return kit.loop().recurring(callback, Context.copyCurrent());
    }

    private RecurringHandle noting(String name) {
        return recurring(() -> calls.add(name));
    }

    private void soon(String name) {
        kit.loop().callSoon(() -> calls.add(name));
    }

    @Test
    void itRunsInTheOrderOfSchedulingAndOnceHoweverOftenItWasScheduled() {
        var handle = noting("recurring");
        soon("before");
        assertThat(handle.schedule()).isTrue();
        soon("after");
        assertThat(handle.schedule()).isFalse();
        assertThat(calls).isEmpty();

        kit.runTurns(2);

        assertThat(calls).containsExactly("before", "recurring", "after");
    }

    @Test
    void itRunsAgainEachTimeItIsScheduledAgain() {
        var handle = noting("run");
        for (var run = 1; run <= 3; run++) {
            assertThat(handle.schedule()).isTrue();
            kit.runOneTurn();
            assertThat(calls).hasSize(run);
        }
        kit.loop().callSoon(() -> {});
        kit.runOneTurn();
        assertThat(calls).hasSize(3);
    }

    @Test
    void scheduledByItselfItRunsInTheNextTurn() {
        var handles = new RecurringHandle[1];
        handles[0] =
                recurring(() -> {
                    calls.add("run");
                    if (calls.size() < 2) {
                        assertThat(handles[0].schedule()).isTrue();
                        assertThat(handles[0].schedule()).isFalse();
                    }
                });
        handles[0].schedule();

        kit.runOneTurn();
        assertThat(calls).hasSize(1);
        kit.runOneTurn();
        assertThat(calls).hasSize(2);
        assertThat(handles[0].schedule()).as("idle again").isTrue();
    }

    @Test
    void aCancelledRunDoesNotTakePlaceAndALaterOneKeepsItsNewPlace() {
        var handle = noting("recurring");
        assertThat(handle.cancel()).as("nothing is scheduled").isFalse();
        for (var round = 0; round < 2; round++) {
            handle.schedule();
            assertThat(handle.cancel()).isTrue();
            assertThat(handle.isCancelled()).isTrue();
            assertThat(handle.cancel()).isFalse();
        }
        soon("between");
        assertThat(handle.schedule()).isTrue();
        assertThat(handle.isCancelled()).isFalse();

        kit.runOneTurn();

        assertThat(calls).containsExactly("between", "recurring");
    }

    @Test
    void aCancelInsideTheCallbackTakesBackOnlyWhatTheCallbackHasScheduled() {
        var handles = new RecurringHandle[1];
        handles[0] =
                recurring(() -> {
                    calls.add("run");
                    assertThat(handles[0].cancel()).isFalse();
                    handles[0].schedule();
                    assertThat(handles[0].cancel()).isTrue();
                });
        handles[0].schedule();
        kit.runTurns(1);
        kit.loop().callSoon(() -> {});
        kit.runTurns(1);
        assertThat(calls).hasSize(1);
    }

    @Test
    void itRunsInItsContextAndKeepsWhatItSetsThere() {
        var variable = ContextVar.create("count", 0);
        var context = Context.copyCurrent();
        var handle =
                kit.loop()
                        .recurring(
                                () -> {
                                    calls.add("" + variable.get());
                                    variable.set(variable.get() + 1);
                                },
                                context);
        assertThat(handle.context()).isSameAs(context);
        for (var run = 0; run < 2; run++) {
            handle.schedule();
            kit.runOneTurn();
        }
        assertThat(calls).containsExactly("0", "1");
        assertThat(variable.get()).isZero();
    }

    @Test
    void aFailureIsReportedWithItsHandleAndTheNextRunTakesPlace() {
        kit.loop().setDebug(true);
        var handle =
                recurring(() -> {
                    calls.add("run");
                    throw new IllegalArgumentException("on purpose");
                });
        for (var run = 1; run <= 2; run++) {
            handle.schedule();
            kit.runOneTurn();
            var report = kit.takeOnlyReport();
            assertThat(report.exception()).hasMessage("on purpose");
            assertThat(report.handle()).containsSame(handle);
            assertThat(report.details()).containsKey("created at");
            assertThat(calls).hasSize(run);
        }
    }

    @Test
    void anObserverSeesEachRun() {
        var handle = noting("run");
        for (var run = 1; run <= 2; run++) {
            handle.schedule();
            kit.runOneTurn();
        }
        assertThat(observed).containsExactly(handle, handle);
    }

    @Test
    void itTellsWhatItIsAndHowItStands() {
        var texts = new ArrayList<String>();
        var handles = new RecurringHandle[1];
        handles[0] =
                recurring(
                        new Runnable() {
                            @Override
                            public void run() {
                                texts.add(handles[0].toString());
                            }

                            @Override
                            public String toString() {
                                return "the flush";
                            }
                        });
        var handle = handles[0];
        assertThat(handle).hasToString("RecurringHandle[idle: the flush]");
        handle.schedule();
        assertThat(handle).hasToString("RecurringHandle[the flush]");
        kit.runOneTurn();
        assertThat(texts).containsExactly("RecurringHandle[started: the flush]");
        handle.schedule();
        handle.cancel();
        assertThat(handle).hasToString("RecurringHandle[cancelled: the flush]");
    }

    @Test
    void whatALoopDropsWhenItClosesDoesNotCountAsScheduled() {
        var loop = SelectorEventLoop.builder().build();
        var handle = loop.recurring(() -> calls.add("run"), Context.copyCurrent());
        loop.createTask(() -> {
            try {
                loop.createFuture().await();
            } finally {
                assertThat(handle.schedule()).as("the queue was dropped").isTrue();
                while (calls.isEmpty()) {
                    Async.yieldNow();
                }
            }
        });
        loop.callSoon(() -> {
            assertThat(handle.schedule()).isTrue();
            assertThat(handle.cancel()).isTrue();
            assertThat(handle.schedule()).isTrue();
            loop.stop();
        });
        loop.runForever();
        assertThat(calls).isEmpty();
        loop.close();
        assertThat(calls).containsExactly("run");
        assertThatIllegalStateException()
                .isThrownBy(handle::schedule)
                .withMessageContaining("is closed");
    }
}
