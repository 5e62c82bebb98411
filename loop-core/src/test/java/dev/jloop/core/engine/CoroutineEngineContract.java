package dev.jloop.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// What every engine does.
@SuppressWarnings("ThreadPriorityCheck") // yields of foreign code are among what engines must bear
abstract class CoroutineEngineContract extends EngineFixture {
    @Test
    void aBodyRunsFromOneSuspensionToTheNext() {
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        calls.add("1");
                        body.suspend();
                        calls.add("2");
                        body.suspend();
                        calls.add("3");
                    });
            assertThat(calls).isEmpty();
            assertThat(coroutine.isDone()).isFalse();
            for (var step = 1; step <= 3; step++) {
                coroutine.resume();
                assertThat(calls).hasSize(step);
                assertThat(coroutine.isDone()).isEqualTo(step == 3);
            }
        });
        assertThat(calls).containsExactly("1", "2", "3");
    }

    @Test
    void hostPassesOnWhatItsBodyThrows() {
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        host(() -> {
                            throw new IllegalStateException("unchecked");
                        }))
                .withMessage("unchecked");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() ->
                        host(() -> {
                            throw new AssertionError("error");
                        }))
                .withMessage("error");
    }

    @Test
    void hostWorksFromAVirtualThreadToo() throws InterruptedException {
        var thread =
                Thread.ofVirtual()
                        .start(() ->
                                host(() -> {
                                    var coroutine =
                                            coroutine(body -> {
                                                body.suspend();
                                                calls.add("ran");
                                            });
                                    resumeToTheEnd(coroutine);
                                }));
        thread.join();
        assertThat(calls).containsExactly("ran");
    }

    @Test
    void aCoroutineMayBeResumedByAnotherHostThanBefore() {
        var coroutine =
                coroutine(body -> {
                    body.suspend();
                    calls.add("ran");
                });
        host(coroutine::resume);
        host(coroutine::resume);
        assertThat(coroutine.isDone()).isTrue();
        assertThat(calls).containsExactly("ran");
    }

    @Test
    void theThreadOfABodyIsVirtualAndHasTheNameOfTheCoroutine() {
        host(() -> {
            var coroutine =
                    coroutine(
                            "fetch page",
                            body -> {
                                calls.add(Thread.currentThread().getName());
                                assertThat(Thread.currentThread())
                                        .isSameAs(body.coroutine.thread());
                                assertThat(Thread.currentThread().isVirtual()).isTrue();
                            });
            resumeToTheEnd(coroutine);
        });
        assertThat(calls).containsExactly("fetch page");
    }

    @Test
    void eachCoroutineHasThreadLocalsOfItsOwn() {
        var local = ThreadLocal.withInitial(() -> "unset");
        var inherited = new InheritableThreadLocal<String>();
        inherited.set("of the host");
        host(() -> {
            inherited.set("of the host");
            Script script =
                    body -> {
                        calls.add(local.get() + ", " + inherited.get());
                        local.set(Thread.currentThread().getName());
                        body.suspend();
                        calls.add(local.get());
                    };
            var first = coroutine("first", script);
            var second = coroutine("second", script);
            first.resume();
            second.resume();
            first.resume();
            second.resume();
            assertThat(local.get()).isEqualTo("unset");
        });
        assertThat(calls).containsExactly("unset, null", "unset, null", "first", "second");
    }

    @Test
    void tenThousandCoroutinesTakeTurns() {
        host(() -> {
            var all = new ArrayList<Coroutine>();
            var steps = new AtomicInteger();
            for (var i = 0; i < 10_000; i++) {
                all.add(
                        coroutine(body -> {
                            for (var step = 0; step < 3; step++) {
                                steps.incrementAndGet();
                                body.suspend();
                            }
                        }));
            }
            for (var round = 0; round < 4; round++) {
                all.forEach(Coroutine::resume);
            }
            assertThat(steps).hasValue(30_000);
            assertThat(all).allMatch(Coroutine::isDone);
        });
    }

    @Test
    void coroutinesMayBeNestedInHostsOfOtherCoroutines() {
        host(() -> {
            var outer =
                    coroutine(body -> {
                        host(() ->
                                resumeToTheEnd(
                                        coroutine(inner -> {
                                            inner.suspend();
                                            calls.add("inner");
                                        })));
                        body.suspend();
                        calls.add("outer");
                    });
            resumeToTheEnd(outer);
        });
        assertThat(calls).containsExactly("inner", "outer");
    }

    @Test
    void aVirtualThreadStartedInACoroutineRunsElsewhere() {
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        var child =
                                Thread.ofVirtual()
                                        .start(() -> {
                                            Thread.yield();
                                            calls.add("child");
                                        });
                        child.join();
                        body.suspend();
                        calls.add("coroutine");
                    });
            resumeToTheEnd(coroutine);
        });
        assertThat(calls).containsExactly("child", "coroutine");
    }

    @Test
    void aVirtualThreadExecutorWorksInsideACoroutine() {
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                            var results = new ArrayList<Future<Integer>>();
                            for (var i = 0; i < 100; i++) {
                                var number = i;
                                results.add(
                                        executor.submit(() -> {
                                            Thread.yield();
                                            return number;
                                        }));
                                if (i % 10 == 0) {
                                    body.suspend();
                                }
                            }
                            var sum = 0;
                            for (var result : results) {
                                sum += result.get();
                            }
                            calls.add("sum " + sum);
                        }
                    });
            resumeToTheEnd(coroutine);
        });
        assertThat(calls).containsExactly("sum 4950");
    }

    @Test
    void anInterruptBeforeOrDuringASuspensionIsStillSetAfterIt() {
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        Thread.currentThread().interrupt();
                        body.suspend();
                        calls.add("before: " + Thread.interrupted());
                        body.suspend();
                        calls.add("during: " + Thread.interrupted());
                        body.suspend();
                        calls.add("none: " + Thread.interrupted());
                    });
            coroutine.resume();
            coroutine.resume();
            coroutine.thread().interrupt();
            coroutine.resume();
            coroutine.resume();
            assertThat(Thread.currentThread().isInterrupted()).as("the flag of the host").isFalse();
        });
        assertThat(calls).containsExactly("before: true", "during: true", "none: false");
    }

    @Test
    void aStrayUnparkResumesNothing() {
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        body.suspend();
                        calls.add("resumed");
                    });
            coroutine.resume();
            for (var i = 0; i < 100; i++) {
                java.util.concurrent.locks.LockSupport.unpark(coroutine.thread());
                Thread.yield();
            }
            assertThat(calls).isEmpty();
            coroutine.resume();
        });
        assertThat(calls).containsExactly("resumed");
    }
}
