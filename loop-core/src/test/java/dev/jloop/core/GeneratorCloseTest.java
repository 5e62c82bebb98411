package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// How generators end that are left before their end.
class GeneratorCloseTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();
    @RegisterExtension final LogCapture log = new LogCapture();

    private final List<String> calls = new ArrayList<>();

    /// Emits for ever, and takes a second to clean up.
    private AsyncIterable<Integer> endless(String name) {
        return Async.generate(emitter -> {
            try {
                for (var i = 1; ; i++) {
                    emitter.emit(i);
                }
            } catch (CancelledError closed) {
                calls.add(name + ": " + closed.getMessage());
                throw closed;
            } finally {
                Async.sleep(SECOND);
                calls.add(name + " cleaned up");
            }
        });
    }

    private static AsyncIterable<Integer> failing(Exception failure) {
        return Async.generate(emitter -> {
            try {
                emitter.emit(1);
            } finally {
                Async.yieldNow();
                fail(failure);
            }
        });
    }

    private static void fail(Exception failure) throws Exception {
        throw failure;
    }

    // ---- by the iterator

    @Test
    void closingTheIteratorRunsTheCleanUpAndWaitsForIt() {
        kit.run(() -> {
            try (var iterator = endless("a").iterator()) {
                assertThat(iterator.next()).isEqualTo(1);
                assertThat(iterator.hasNext()).isTrue();
            }
            assertThat(calls)
                    .containsExactly("a: the generator was closed by its user", "a cleaned up");
            assertThat(kit.loop().time()).isEqualTo(SECOND.toNanos());
        });
    }

    @Test
    void aClosedIteratorHasNothingMore() {
        kit.run(() -> {
            var started = endless("a").iterator();
            started.next();
            started.close();
            started.close();
            assertThat(started.hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(started::next);
        });
    }

    @Test
    void closingBeforeTheFirstItemNeverRunsTheBody() {
        kit.run(() -> {
            var iterator = endless("a").iterator();
            iterator.close();
            assertThat(iterator.hasNext()).isFalse();
            assertThat(calls).isEmpty();
        });
        endless("b").iterator().close(); // not even on a loop
    }

    @Test
    void closingAfterTheEndDoesNothing() {
        kit.run(() -> {
            var iterator = Async.<Integer>generate(emitter -> emitter.emit(1)).iterator();
            iterator.next();
            assertThat(iterator.hasNext()).isFalse();
            iterator.close();
        });
    }

    @Test
    void aFailureOfTheCleanUpComesOutOfClose() {
        kit.run(() -> {
            var unchecked = failing(new IllegalArgumentException("clean-up")).iterator();
            unchecked.next();
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(unchecked::close)
                    .withMessage("clean-up");
            var checked = failing(new IOException("clean-up")).iterator();
            checked.next();
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(checked::close)
                    .withCauseInstanceOf(IOException.class);
            checked.close();
        });
    }

    @Test
    void aCancellationWhileItClosesIsThrownInTheCleanUpAndInTheTask() {
        kit.run(() -> {
            var items = endless("a");
            var closer =
                    Async.createTask(() -> {
                        var iterator = items.iterator();
                        iterator.next();
                        iterator.close();
                        calls.add("never");
                    });
            Async.yieldNow();
            closer.cancel();
            Async.waitAll(List.of(closer));
            assertThat(closer.isCancelled()).isTrue();
            assertThat(calls).containsExactly("a: the generator was closed by its user");
        });
    }

    @Test
    void aBodyThatEmitsAfterItWasClosedFails() {
        kit.run(() -> {
            var iterator =
                    Async.<String>generate(
                                    emitter -> {
                                        try {
                                            emitter.emit("item");
                                        } finally {
                                            emitter.emit("good-bye");
                                        }
                                    })
                            .iterator();
            iterator.next();
            assertThatIllegalStateException()
                    .isThrownBy(iterator::close)
                    .withMessageContaining("ignores it")
                    .withMessageContaining("good-bye");
            assertThat(iterator.hasNext()).isFalse();
        });
    }

    @Test
    void aBodyThatMayEndAfterItHasSwallowedTheCloseEndsInPeace() {
        kit.run(() -> {
            var iterator =
                    Async.<String>generate(
                                    emitter -> {
                                        try {
                                            emitter.emit("item");
                                        } catch (CancelledError swallowed) {
                                            calls.add("swallowed");
                                        }
                                    })
                            .iterator();
            iterator.next();
            iterator.close();
            assertThat(calls).containsExactly("swallowed");
        });
    }

    @Test
    void aBodyThatEmitsAgainAndAgainIsGivenUp() {
        kit.run(() -> {
            var iterator =
                    Async.<String>generate(
                                    emitter -> {
                                        while (true) {
                                            try {
                                                emitter.emit("item");
                                            } catch (CancelledError
                                                    | IllegalStateException swallowed) {
                                                calls.add("swallowed");
                                            }
                                        }
                                    })
                            .iterator();
            iterator.next();
            assertThatIllegalStateException()
                    .isThrownBy(iterator::close)
                    .withMessageContaining("ignores it");
            assertThat(calls).hasSizeLessThan(100);
        });
    }

    @Test
    void aScopeThatHasExpiredUnnoticedDoesNotSpeakUpWhenTheGeneratorIsClosed() {
        kit.run(() -> {
            var iterator =
                    Async.<Integer>generate(
                                    emitter -> Timeout.after(SECOND).run(() -> emitter.emit(1)))
                            .iterator();
            iterator.next();
            Async.sleep(SECOND.multipliedBy(2));
            iterator.close();
        });
    }

    @Test
    void aTaskGroupAroundTheEmitEndsItsTasksWhenTheGeneratorIsClosed() {
        kit.run(() -> {
            var iterator =
                    Async.<Integer>generate(
                                    emitter -> {
                                        var group = new TaskGroup();
                                        group.run(() -> {
                                            group.createTask(() -> {
                                                try {
                                                    Async.sleep(SECOND.multipliedBy(100));
                                                } finally {
                                                    calls.add("child ended");
                                                }
                                            });
                                            emitter.emit(1);
                                        });
                                    })
                            .iterator();
            iterator.next();
            Async.yieldNow();
            iterator.close();
            assertThat(calls).containsExactly("child ended");
            assertThat(Async.allTasks()).containsExactly(Async.currentTask());
        });
    }

    // ---- by the shutdown

    @Test
    void theShutdownClosesAllAtOnceAndReportsEachFailureWithItsGenerator() {
        var failure = new IllegalStateException("clean-up");
        var broken = failing(failure);
        kit.run(() -> {
            for (var items : List.of(endless("a"), broken, endless("b"))) {
                var iterator = items.iterator();
                iterator.next();
            }
            kit.loop().shutdownAsyncGenerators();
            assertThat(calls).contains("a cleaned up", "b cleaned up").hasSize(4);
            assertThat(kit.loop().time()).isEqualTo(SECOND.toNanos());
        });
        var report = kit.takeOnlyReport();
        assertThat(report.exception()).isSameAs(failure);
        assertThat(report.message()).contains("generator failed while it was closed");
        assertThat(report.details()).containsEntry("generator", broken);
    }

    @Test
    void theShutdownWaitsForGeneratorsWhoseConsumersWereCancelled() {
        kit.run(() -> {
            var items =
                    Async.<Integer>generate(emitter -> {
                        try {
                            Async.sleep(SECOND);
                            emitter.emit(1);
                        } finally {
                            Async.yieldNow();
                            Async.sleep(SECOND);
                            calls.add("finalized");
                        }
                    });
            var consumers = new ArrayList<Task<?>>();
            for (var i = 0; i < 2; i++) {
                consumers.add(Async.createTask(() -> items.forEach(_ -> {})));
            }
            Async.sleep(SECOND.dividedBy(10));
            consumers.forEach(LoopFuture::cancel);
            Async.yieldNow();
            kit.loop().shutdownAsyncGenerators();
            assertThat(calls).containsExactly("finalized", "finalized");
            Async.waitAll(consumers);
            assertThat(consumers).allMatch(LoopFuture::isCancelled);
        });
    }

    @Test
    void aTaskThatWaitsForAnItemDuringTheShutdownIsCancelled() {
        kit.run(() -> {
            var items =
                    Async.<Integer>generate(emitter -> {
                        Async.sleep(SECOND.multipliedBy(100));
                        emitter.emit(1);
                    });
            var consumer = Async.createTask(() -> items.forEach(_ -> {}));
            Async.yieldNow();
            kit.loop().shutdownAsyncGenerators();
            Async.waitAll(List.of(consumer));
            assertThat(consumer.isCancelled()).isTrue();
            assertThat(kit.loop().time()).isZero();
        });
    }

    @Test
    void closingWhileTheShutdownCleansUpWaitsForItAndDoesNotInterruptIt() {
        kit.run(() -> {
            var iterator = endless("a").iterator();
            iterator.next();
            var shutdown = Async.createTask(() -> kit.loop().shutdownAsyncGenerators());
            Async.yieldNow();
            Async.yieldNow(); // by now the clean-up sleeps
            iterator.close();
            assertThat(calls)
                    .containsExactly(
                            "a: the generators of the loop were shut down", "a cleaned up");
            shutdown.await();
        });
    }

    @Test
    void aConsumerThatIsCancelledWhileItWaitsForAShutdownIsCancelled() {
        kit.run(() -> {
            var iterator = endless("a").iterator();
            iterator.next();
            var shutdown = Async.createTask(() -> kit.loop().shutdownAsyncGenerators());
            Async.yieldNow();
            Async.yieldNow();
            var closer = Async.createTask(iterator::close);
            Async.yieldNow();
            closer.cancel();
            Async.waitAll(List.of(closer, shutdown));
            assertThat(closer.isCancelled()).isTrue();
            assertThat(calls).hasSize(1); // the clean-up was cut short
        });
    }

    @Test
    void aGeneratorThatWouldWaitForItsOwnEndIsTold() {
        kit.run(() -> {
            var items =
                    Async.<Integer>generate(emitter -> {
                        kit.loop().shutdownAsyncGenerators();
                        emitter.emit(1);
                    });
            var consumer = Async.createTask(() -> items.forEach(_ -> {}));
            Async.sleep(SECOND);
            assertThat(consumer.isDone()).isTrue();
            assertThatIllegalStateException()
                    .isThrownBy(consumer::await)
                    .withMessageContaining("would wait for its own end");
        });
    }

    @Test
    void aGeneratorThatIsStartedAfterTheShutdownIsWarnedOf() {
        kit.run(() -> {
            kit.loop().shutdownAsyncGenerators();
            assertThat(log.messages()).isEmpty();
            assertThat(Async.<Integer>generate(emitter -> emitter.emit(1))).containsExactly(1);
        });
        assertThat(log.messages())
                .singleElement()
                .asString()
                .contains("started after shutdownAsyncGenerators()");
    }

    @Test
    void cancellingTheShutdownCutsTheCleanUpShort() {
        kit.run(() -> {
            endless("a").iterator().next();
            var shutdown = Async.createTask(() -> kit.loop().shutdownAsyncGenerators());
            Async.yieldNow();
            Async.yieldNow(); // by now the clean-up sleeps
            shutdown.cancel();
            Async.waitAll(List.of(shutdown));
            assertThat(shutdown.isCancelled()).isTrue();
            assertThat(calls).hasSize(1);
            assertThat(kit.loop().time()).isZero();
        });
    }

    @Test
    void aRunEndsWithTheShutdownOfItsGeneratorsBeforeItsHooks() {
        Async.run(() -> {
            EventLoop.current().onShutdown(() -> calls.add("hook"));
            var quick =
                    Async.<Integer>generate(emitter -> {
                        try {
                            emitter.emit(1);
                        } finally {
                            Async.sleep(Duration.ofMillis(1));
                            calls.add("generator");
                        }
                    });
            for (var item : quick) {
                assertThat(item).isEqualTo(1);
                break;
            }
        });
        assertThat(calls).containsExactly("generator", "hook");
    }

    // ---- by the end of the loop, without a shutdown

    @Test
    void aClosingLoopClosesGeneratorsWithoutAReport() {
        kit.run(() -> {
            Async.<Integer>generate(
                            emitter -> {
                                try {
                                    emitter.emit(1);
                                } finally {
                                    Async.yieldNow();
                                    calls.add("cleaned up");
                                }
                            })
                    .iterator()
                    .next();
        });
        kit.loop().close();
        assertThat(calls).containsExactly("cleaned up");
    }

    @Test
    void aCleanUpThatWaitsForTimeIsCutOffByAClosingLoop() {
        kit.run(() -> {
            endless("a").iterator().next();
        });
        kit.loop().close();
        assertThat(calls).containsExactly("a: the loop closed");
        assertThat(kit.loop().time()).isZero();
    }

    @Test
    void aGeneratorThatRefusesToEndIsAbandonedAndReportedByAClosingLoop() {
        var items =
                Async.<Integer>generate(emitter -> {
                    while (true) {
                        try {
                            Async.sleep(SECOND);
                            emitter.emit(1);
                        } catch (CancelledError | IllegalStateException swallowed) {
                            calls.add("swallowed");
                        }
                    }
                });
        kit.run(() -> {
            items.iterator().next();
        });
        kit.loop().close();
        assertThat(calls).isNotEmpty();
        var report = kit.takeOnlyReport();
        assertThat(report.details()).containsEntry("generator", items);
    }

    @Test
    void aPendingConsumerAndItsGeneratorEndWithTheLoop() {
        var items =
                Async.<Integer>generate(emitter -> {
                    try {
                        kit.loop().<Integer>createFuture().await();
                    } finally {
                        calls.add("body ended");
                    }
                });
        var consumer = kit.loop().createTask(() -> items.forEach(_ -> {}));
        kit.runOneTurn();
        kit.loop().close();
        assertThat(consumer.isCancelled()).isTrue();
        assertThat(calls).containsExactly("body ended");
        assertThat(kit.takeOnlyReport().details()).containsEntry("task", consumer);
    }

    @Test
    void aBodyWhoseConsumerWasTornAwayStillEndsWithTheLoop() {
        var items =
                Async.<Integer>generate(emitter -> {
                    try {
                        kit.loop().<Integer>createFuture().await();
                    } finally {
                        try {
                            Async.sleep(SECOND);
                        } finally {
                            calls.add("body ended");
                        }
                    }
                });
        var consumer = kit.loop().createTask(() -> items.forEach(_ -> {}));
        kit.runOneTurn();
        kit.loop().close();
        assertThat(consumer.isCancelled()).isTrue();
        assertThat(calls).containsExactly("body ended");
        assertThat(kit.takeReports()).hasSize(1);
    }

    // ---- by the garbage collector

    @Test
    void aGeneratorThatNobodyCanReachIsClosed() throws InterruptedException {
        var closed = new CountDownLatch(1);
        try (var loop = SelectorEventLoop.builder().build()) {
            var iterator =
                    loop.runUntilComplete(() -> {
                        var made =
                                Async.<Integer>generate(
                                                emitter -> {
                                                    try {
                                                        emitter.emit(1);
                                                    } finally {
                                                        Async.yieldNow();
                                                        closed.countDown();
                                                    }
                                                })
                                        .iterator();
                        made.next();
                        return new WeakReference<>(made);
                    });
            collect(iterator);
            loop.runUntilComplete(() -> {
                while (closed.getCount() > 0) {
                    Async.sleep(Duration.ofMillis(1));
                }
            });
        }
        assertThat(closed.await(1, TimeUnit.SECONDS)).isTrue();
    }

    private static void collect(WeakReference<?> reference) {
        @Nullable Object stillThere = reference.get();
        while (stillThere != null) {
            stillThere = null;
            System.gc();
            Thread.onSpinWait(); // until the collector has come, which nothing tells
            stillThere = reference.get();
        }
    }

    @Test
    void aGeneratorInUseIsNotTakenForOneThatNobodyCanReach() {
        try (var loop = SelectorEventLoop.builder().build()) {
            var item =
                    loop.runUntilComplete(() ->
                            Async.<Integer>generate(
                                            emitter -> {
                                                for (var i = 0; i < 5; i++) {
                                                    System.gc();
                                                    Async.sleep(Duration.ofMillis(2));
                                                }
                                                emitter.emit(1);
                                            })
                                    .iterator()
                                    .next());
            assertThat(item).isEqualTo(1);
        }
    }
}
