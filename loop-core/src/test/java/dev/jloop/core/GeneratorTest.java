package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

/// How a generator's body and its consumer take turns. Its end is the matter of
/// [GeneratorCloseTest].
class GeneratorTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private static AsyncIterable<Integer> upTo(int count) {
        return Async.generate(emitter -> {
            for (var i = 1; i <= count; i++) {
                emitter.emit(i);
            }
        });
    }

    private static AsyncIterable<Integer> eachSecond(int count) {
        return Async.generate(emitter -> {
            for (var i = 1; i <= count; i++) {
                Async.sleep(SECOND);
                emitter.emit(i);
            }
        });
    }

    @Test
    void aForEachGetsEveryItemInOrder() {
        kit.run(() -> {
            var seen = new ArrayList<Integer>();
            for (var item :
                    Async.<Integer>generate(emitter -> {
                        emitter.emit(1);
                        Async.sleep(SECOND);
                        emitter.emit(2);
                        emitter.emit(3);
                    })) {
                seen.add(item);
            }
            assertThat(seen).containsExactly(1, 2, 3);
            assertThat(kit.loop().time()).isEqualTo(SECOND.toNanos());
        });
    }

    @Test
    void nothingIsMadeBeforeItIsAskedFor() {
        kit.run(() -> {
            var iterator =
                    Async.<String>generate(
                                    emitter -> {
                                        calls.add("makes a");
                                        emitter.emit("a");
                                        calls.add("makes b");
                                        emitter.emit("b");
                                        calls.add("ends");
                                    })
                            .iterator();
            Async.yieldNow();
            assertThat(calls).isEmpty();
            assertThat(iterator.next()).isEqualTo("a");
            Async.sleep(SECOND);
            assertThat(calls).containsExactly("makes a");
            assertThat(iterator.hasNext()).isTrue();
            assertThat(iterator.hasNext()).isTrue();
            assertThat(calls).containsExactly("makes a", "makes b");
            assertThat(iterator.next()).isEqualTo("b");
            assertThat(iterator.hasNext()).isFalse();
            assertThat(calls).endsWith("ends");
        });
    }

    @Test
    void afterTheEndThereIsNoItem() {
        kit.run(() -> {
            var iterator = upTo(1).iterator();
            assertThat(iterator.next()).isEqualTo(1);
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(iterator::next);
            assertThat(iterator.hasNext()).isFalse();
            assertThat(upTo(0)).isEmpty();
        });
    }

    @Test
    void anItemMayBeNull() {
        kit.run(() -> {
            var iterator = Async.<String>generate(emitter -> emitter.emit(null)).iterator();
            assertThat(iterator.hasNext()).isTrue();
            assertThat(iterator.next()).isNull();
            assertThat(iterator.hasNext()).isFalse();
        });
        assertThatNullPointerException().isThrownBy(() -> Async.generate(null));
    }

    @Test
    void aBodyThatAwaitsNothingGivesTheLoopNoTurn() {
        kit.run(() -> {
            kit.loop().callSoon(() -> calls.add("another turn"));
            assertThat(upTo(3)).containsExactly(1, 2, 3);
            assertThat(calls).isEmpty();
            Async.yieldNow();
            assertThat(calls).hasSize(1);
        });
    }

    @Test
    void othersRunWhileTheBodyAwaits() {
        kit.run(() -> {
            var other =
                    Async.createTask(() -> {
                        Async.sleep(Duration.ofMillis(1500));
                        calls.add("other");
                    });
            for (var item : eachSecond(2)) {
                calls.add("item " + item);
            }
            other.await();
            assertThat(calls).containsExactly("item 1", "other", "item 2");
        });
    }

    @Test
    void eachIteratorRunsTheBodyAnew() {
        kit.run(() -> {
            var items = eachSecond(2);
            var both =
                    Async.gather(
                                    List.of(
                                            Async.createTask(() -> collect(items)),
                                            Async.createTask(() -> collect(items))))
                            .await();
            assertThat(both).containsExactly(List.of(1, 2), List.of(1, 2));
            assertThat(kit.loop().time()).isEqualTo(SECOND.multipliedBy(2).toNanos());
        });
    }

    private static <T> List<T> collect(Iterable<T> items) {
        var all = new ArrayList<T>();
        items.forEach(all::add);
        return all;
    }

    @Test
    void generatorsNest() {
        kit.run(() -> {
            var squares =
                    Async.<Integer>generate(emitter -> {
                        for (var item : eachSecond(3)) {
                            emitter.emit(item * item);
                        }
                    });
            var labels =
                    Async.<String>generate(emitter -> {
                        for (var square : squares) {
                            Async.yieldNow();
                            emitter.emit("<" + square + ">");
                        }
                    });
            assertThat(labels).containsExactly("<1>", "<4>", "<9>");
        });
    }

    private static AsyncIterable<Integer> nested(int depth) {
        return depth == 0
                ? eachSecond(2)
                : Async.generate(emitter -> nested(depth - 1).forEach(emitter::emit));
    }

    @Test
    void generatorsNestHundredsDeep() {
        kit.run(() -> {
            assertThat(nested(300)).containsExactly(1, 2);
        });
    }

    @Test
    void anUncheckedFailureOfTheBodyComesOutAsItIs() {
        kit.run(() -> {
            var failure = new IllegalArgumentException("body");
            for (var awaitsBefore : List.of(false, true)) {
                var iterator =
                        Async.<String>generate(
                                        emitter -> {
                                            emitter.emit("first");
                                            if (awaitsBefore) {
                                                Async.sleep(SECOND);
                                            }
                                            throw failure;
                                        })
                                .iterator();
                assertThat(iterator.next()).isEqualTo("first");
                assertThatExceptionOfType(IllegalArgumentException.class)
                        .isThrownBy(iterator::hasNext)
                        .isSameAs(failure);
                assertThat(iterator.hasNext()).isFalse();
            }
        });
    }

    @Test
    void aCheckedFailureOfTheBodyComesOutAsACause() {
        kit.run(() -> {
            var failure = new IOException("body");
            var iterator =
                    Async.<String>generate(
                                    _ -> {
                                        throw failure;
                                    })
                            .iterator();
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(iterator::next)
                    .withCause(failure);
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(iterator::next);
        });
    }

    // ---- cancellation

    @Test
    void aCancellationOfTheConsumerIsThrownAtTheAwaitPointOfTheBody() {
        kit.run(() -> {
            var items =
                    Async.<Integer>generate(emitter -> {
                        try {
                            Async.sleep(SECOND);
                            emitter.emit(1);
                        } catch (CancelledError cancelled) {
                            calls.add("body: " + cancelled.getMessage());
                            Async.sleep(SECOND);
                            calls.add("cleaned up");
                            throw cancelled;
                        }
                    });
            var consumer =
                    Async.createTask(() -> {
                        try {
                            collect(items);
                        } catch (CancelledError cancelled) {
                            calls.add("consumer: " + cancelled.getMessage());
                            throw cancelled;
                        }
                    });
            Async.yieldNow();
            consumer.cancel("enough");
            Async.waitAll(List.of(consumer));
            assertThat(calls).containsExactly("body: enough", "cleaned up", "consumer: enough");
            assertThat(consumer.isCancelled()).isTrue();
            assertThat(kit.loop().time()).isEqualTo(SECOND.toNanos());
        });
    }

    @Test
    void aBodyThatSwallowsTheCancellationGivesTheConsumerItsItem() {
        kit.run(() -> {
            var items =
                    Async.<String>generate(emitter -> {
                        try {
                            Async.sleep(SECOND);
                        } catch (CancelledError swallowed) {
                            emitter.emit("in place of it");
                        }
                        Async.sleep(SECOND);
                        emitter.emit("later");
                    });
            var consumer = Async.createTask(() -> collect(items));
            Async.yieldNow();
            consumer.cancel();
            assertThat(consumer.await()).containsExactly("in place of it", "later");
        });
    }

    @Test
    void aTaskThatTheBodyCancelsIsTheConsumerAndFeelsItAtItsNextAwaitPoint() {
        kit.run(() -> {
            var consumer =
                    Async.createTask(() -> {
                        var me = Async.currentTask();
                        for (var item :
                                Async.<Integer>generate(emitter -> {
                                    assertThat(Async.currentTask()).isSameAs(me);
                                    Async.yieldNow();
                                    assertThat(Async.currentTask()).isSameAs(me);
                                    Async.currentTask().cancel("from inside");
                                    emitter.emit(1);
                                })) {
                            calls.add("item " + item);
                            Async.yieldNow();
                            calls.add("never");
                        }
                    });
            Async.waitAll(List.of(consumer));
            assertThat(consumer.isCancelled()).isTrue();
            assertThat(calls).containsExactly("item 1");
        });
    }

    @Test
    void aTimeoutOfTheConsumerEndsTheBodyThatItWaitsFor() {
        kit.run(() -> {
            var items =
                    Async.<Integer>generate(emitter -> {
                        emitter.emit(1);
                        try {
                            Async.sleep(SECOND.multipliedBy(10));
                        } finally {
                            calls.add("body ended");
                        }
                    });
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> Async.withTimeout(SECOND, () -> collect(items)));
            assertThat(calls).containsExactly("body ended");
            Async.sleep(SECOND); // the cancellation is used up
        });
    }

    @Test
    void aConsumerThatWasCancelledBeforeItWaitsCancelsTheBody() {
        kit.run(() -> {
            var consumer =
                    Async.createTask(() -> {
                        Async.currentTask().cancel("early");
                        return collect(eachSecond(1));
                    });
            Async.waitAll(List.of(consumer));
            assertThat(consumer.isCancelled()).isTrue();
            assertThat(kit.loop().time()).isZero();
        });
    }

    // ---- scopes of the body's own, with an emit inside

    @Test
    void aTimeoutOfTheBodyThatPassesWhileTheConsumerIsAtWorkEndsTheBodyOnly() {
        kit.run(() -> {
            var iterator =
                    Async.<Integer>generate(emitter ->
                                    Timeout.after(SECOND)
                                            .run(() -> {
                                                emitter.emit(1);
                                                calls.add("never");
                                            }))
                            .iterator();
            assertThat(iterator.next()).isEqualTo(1);
            Async.sleep(SECOND.multipliedBy(2));
            assertThatExceptionOfType(TimedOutException.class).isThrownBy(iterator::hasNext);
            assertThat(calls).isEmpty();
            assertThat(Objects.requireNonNull(Async.currentTask()).cancelling()).isZero();
        });
    }

    @Test
    void aTimeoutOfTheBodyPassesWhileTheBodyAwaits() {
        kit.run(() -> {
            var items =
                    Async.<String>generate(emitter -> {
                        try {
                            Timeout.after(SECOND)
                                    .run(() -> {
                                        emitter.emit("in time");
                                        Async.sleep(SECOND.multipliedBy(5));
                                    });
                        } catch (TimedOutException timedOut) {
                            emitter.emit("timed out");
                        }
                    });
            assertThat(items).containsExactly("in time", "timed out");
        });
    }

    @Test
    void aTaskGroupOfTheBodyLivesAcrossItsEmits() {
        kit.run(() -> {
            var queue = new ArrayList<Integer>();
            var items =
                    Async.<Integer>generate(emitter -> {
                        var group = new TaskGroup();
                        group.run(() -> {
                            var maker =
                                    group.createTask(() -> {
                                        for (var i = 1; i <= 3; i++) {
                                            Async.sleep(SECOND);
                                            queue.add(i);
                                        }
                                    });
                            while (!maker.isDone() || !queue.isEmpty()) {
                                while (!queue.isEmpty()) {
                                    emitter.emit(queue.removeFirst());
                                }
                                Async.sleep(SECOND.dividedBy(2));
                            }
                        });
                    });
            assertThat(items).containsExactly(1, 2, 3);
        });
    }

    @Test
    void aFailureInATaskGroupOfTheBodyComesOutWhenTheNextItemIsAskedFor() {
        kit.run(() -> {
            var failure = new IllegalStateException("child");
            var iterator =
                    Async.<Integer>generate(
                                    emitter -> {
                                        var group = new TaskGroup();
                                        group.run(() -> {
                                            group.createTask(() -> {
                                                throw failure;
                                            });
                                            emitter.emit(1);
                                            calls.add("never");
                                        });
                                    })
                            .iterator();
            iterator.next();
            Async.sleep(SECOND);
            assertThatExceptionOfType(ExceptionGroup.class)
                    .isThrownBy(iterator::hasNext)
                    .satisfies(group -> assertThat(group.exceptions()).containsExactly(failure));
            assertThat(calls).isEmpty();
        });
    }

    @Test
    void anotherTaskMayGoOnWhereOneHasLeft() {
        kit.run(() -> {
            var iterator =
                    Async.<Integer>generate(emitter ->
                                    Timeout.after(SECOND.multipliedBy(10))
                                            .run(() -> eachSecond(3).forEach(emitter::emit)))
                            .iterator();
            assertThat(Async.createTask(iterator::next).await()).isEqualTo(1);
            assertThat(Async.createTask(iterator::next).await()).isEqualTo(2);
            assertThat(iterator.next()).isEqualTo(3);
            assertThat(iterator.hasNext()).isFalse();
        });
    }

    // ---- context

    @Test
    void theBodySeesAndSetsTheContextVariablesOfItsConsumer() {
        var variable = ContextVar.create("variable", "default");
        kit.run(() -> {
            var iterator =
                    Async.<String>generate(
                                    emitter -> {
                                        emitter.emit(variable.get());
                                        variable.set("set by the body");
                                        emitter.emit(variable.get());
                                        Async.sleep(SECOND);
                                        emitter.emit(variable.get());
                                    })
                            .iterator();
            variable.set("set by the consumer");
            assertThat(iterator.next()).isEqualTo("set by the consumer");
            assertThat(iterator.next()).isEqualTo("set by the body");
            assertThat(variable.get()).isEqualTo("set by the body");
            var other =
                    Async.createTask(() -> {
                        variable.set("of another task");
                        return iterator.next();
                    });
            assertThat(other.await()).isEqualTo("of another task");
            assertThat(variable.get()).isEqualTo("set by the body");
        });
    }

    @Test
    void aBodyThatHasEnteredAContextStaysInIt() {
        var variable = ContextVar.create("variable", "default");
        kit.run(() -> {
            var own = Context.copyCurrent();
            var iterator =
                    Async.<String>generate(emitter ->
                                    own.run(() -> {
                                        variable.set("own");
                                        emitter.emit(variable.get());
                                        emitter.emit(variable.get());
                                    }))
                            .iterator();
            assertThat(iterator.next()).isEqualTo("own");
            assertThat(variable.get()).isEqualTo("default");
            assertThat(iterator.next()).isEqualTo("own");
            assertThat(iterator.hasNext()).isFalse();
            assertThat(variable.get()).isEqualTo("default");
        });
    }

    // ---- introspection and misuse

    @Test
    void aGeneratorIsNoneOfTheTasks() {
        kit.run(() -> {
            var main = Async.currentTask();
            var iterator =
                    Async.<Integer>generate(
                                    emitter -> {
                                        assertThat(Async.allTasks()).containsExactly(main);
                                        Async.yieldNow();
                                        assertThat(Async.allTasks()).containsExactly(main);
                                        emitter.emit(1);
                                    })
                            .iterator();
            iterator.next();
            assertThat(Async.allTasks()).containsExactly(main);
            assertThat(iterator.hasNext()).isFalse();
        });
    }

    @Test
    void theStackOfAWaitingConsumerBeginsWhereTheBodyIs() {
        kit.run(() -> {
            var consumer = Async.createTask(() -> collect(eachSecond(1)));
            Async.yieldNow();
            assertThat(consumer.stack())
                    .extracting(StackTraceElement::getMethodName)
                    .first()
                    .isEqualTo("sleep");
            assertThat(consumer.stack())
                    .extracting(StackTraceElement::getMethodName)
                    .anyMatch(name -> name.contains("eachSecond"))
                    .contains("collect");
            assertThat(consumer.toString()).contains("the next item of the generator");
            consumer.await();
        });
    }

    @Test
    void twoTasksCannotUseOneIteratorAtOnce() {
        kit.run(() -> {
            var iterator = eachSecond(2).iterator();
            var first = Async.createTask(iterator::next, "first");
            Async.yieldNow();
            assertThatIllegalStateException()
                    .isThrownBy(iterator::hasNext)
                    .withMessageContaining("at work for Task 'first'");
            assertThatIllegalStateException().isThrownBy(iterator::close);
            assertThat(first.await()).isEqualTo(1);
            assertThat(iterator.next()).isEqualTo(2);
            assertThat(iterator.hasNext()).isFalse();
        });
    }

    @Test
    void aBodyCannotIterateOverItself() {
        kit.run(() -> {
            var self = new ArrayList<AsyncIterator<Integer>>();
            self.add(
                    Async.<Integer>generate(emitter -> emitter.emit(self.getFirst().next()))
                            .iterator());
            assertThatIllegalStateException()
                    .isThrownBy(self.getFirst()::next)
                    .withMessageContaining("next()");
        });
    }

    @Test
    void aTaskOfTheBodyCannotEmit() {
        kit.run(() -> {
            var items =
                    Async.<Integer>generate(
                            emitter -> Async.createTask(() -> emitter.emit(1)).await());
            assertThatIllegalStateException()
                    .isThrownBy(() -> collect(items))
                    .withMessageContaining("outside its body");
        });
    }

    @Test
    void nobodyCanEmitAfterTheEnd() {
        kit.run(() -> {
            var kept = new ArrayList<Emitter<Integer>>();
            assertThat(Async.<Integer>generate(kept::add)).isEmpty();
            assertThatIllegalStateException()
                    .isThrownBy(() -> kept.getFirst().emit(1))
                    .withMessageContaining("outside its body");
        });
    }

    @Test
    void itWorksInACoroutineOnly() {
        assertThatIllegalStateException()
                .isThrownBy(() -> upTo(1).iterator().hasNext())
                .withMessageContaining("no event loop runs");
        kit.loop().callSoon(() -> collect(upTo(1)));
        kit.runOneTurn();
        assertThat(kit.takeOnlyReport().exception())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("works in a coroutine only");
    }

    @Test
    void anIteratorStaysOnItsLoop() {
        var iterator = upTo(2).iterator();
        kit.run(() -> {
            iterator.next();
        });
        Async.run(() -> {
            assertThatIllegalStateException()
                    .isThrownBy(iterator::next)
                    .withMessageContaining("belongs to")
                    .withMessageContaining(kit.loop().toString());
        });
    }

    @Test
    void aLongRunLeavesNothingQueued() {
        kit.run(() -> {
            var sum = 0L;
            for (var item : upTo(10_000)) {
                sum += item;
            }
            assertThat(sum).isEqualTo(IntStream.rangeClosed(1, 10_000).sum());
        });
        kit.runTurns(2);
    }
}
