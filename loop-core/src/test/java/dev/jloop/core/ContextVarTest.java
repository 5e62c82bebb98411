package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.jloop.core.spi.LoopObserver;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

class ContextVarTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final ContextVar<String> variable = ContextVar.create("user", "nobody");
    private final List<String> seen = new ArrayList<>();

    private void look(String where) {
        seen.add(where + ": " + variable.get());
    }

    @Test
    void aVariableWithoutValueGivesItsDefaultOrFailsByName() {
        assertThat(variable.get()).isEqualTo("nobody");
        assertThatExceptionOfType(NoSuchElementException.class)
                .isThrownBy(ContextVar.create("tenant")::get)
                .withMessageContaining("tenant");
        assertThat(variable).hasToString("user");
        assertThatNullPointerException().isThrownBy(() -> variable.set(null));
    }

    @Test
    void aTaskSeesWhatItsCreatorHadSetAndKeepsItsOwnChangesToItself() {
        kit.run(() -> {
            variable.set("parent");
            var child =
                    Async.createTask(() -> {
                        look("child");
                        variable.set("child");
                        Async.yieldNow();
                        look("child later");
                    });
            variable.set("parent later");
            child.await();
            look("parent");
        });
        assertThat(seen)
                .containsExactly("child: parent", "child later: child", "parent: parent later");
    }

    @Test
    void tasksThatTakeTurnsDoNotSeeEachOthersValues() {
        kit.run(() -> {
            var tasks = new ArrayList<Task<Void>>();
            for (var name : List.of("a", "b", "c")) {
                tasks.add(
                        Async.createTask(() -> {
                            variable.set(name);
                            for (var i = 0; i < 3; i++) {
                                Async.yieldNow();
                                assertThat(variable.get()).isEqualTo(name);
                            }
                        }));
            }
            Async.gather(tasks).await();
            assertThat(variable.get()).isEqualTo("nobody");
        });
    }

    @Test
    void aCallbackRunsInACopyOfTheContextItWasScheduledIn() {
        kit.run(() -> {
            variable.set("when scheduled");
            kit.loop()
                    .callSoon(() -> {
                        look("callback");
                        variable.set("by the callback");
                    });
            variable.set("later");
            Async.yieldNow();
            look("task");
        });
        assertThat(seen).containsExactly("callback: when scheduled", "task: later");
    }

    @Test
    void timersDoneCallbacksAndThreadsafeCallbacksDoSoToo() {
        kit.run(() -> {
            variable.set("when scheduled");
            var future = kit.loop().<String>createFuture();
            kit.loop().callLater(java.time.Duration.ZERO, () -> look("timer"));
            kit.loop().callSoonThreadsafe(() -> look("threadsafe"));
            future.addDoneCallback(_ -> look("done callback"));
            variable.set("later");
            future.setResult("value");
            Async.yieldNow();
            Async.yieldNow();
        });
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        "timer: when scheduled",
                        "threadsafe: when scheduled",
                        "done callback: when scheduled");
    }

    @Test
    void aGivenContextIsUsedWithoutACopy() {
        var context = Context.copyCurrent();
        kit.run(() -> {
            var future = kit.loop().<String>createFuture();
            kit.loop().callSoon(() -> variable.set("by a callback"), context);
            future.addDoneCallback(_ -> look("done callback"), context);
            Async.yieldNow();
            future.setResult("value");
            Async.yieldNow();
            kit.loop()
                    .createTask(
                            () -> {
                                look("task");
                                variable.set("by a task");
                                return "";
                            },
                            "named",
                            context)
                    .await();
            look("main");
        });
        context.run(() -> look("context"));
        assertThat(seen)
                .containsExactly(
                        "done callback: by a callback",
                        "task: by a callback",
                        "main: nobody",
                        "context: by a task");
    }

    @Test
    void runAndCallEnterAContextAcrossAwaitPointsAndLeaveItOnFailure() {
        kit.run(() -> {
            var context = Context.copyCurrent();
            var other =
                    Async.createTask(() -> {
                        Async.yieldNow();
                        look("other task");
                    });
            context.run(() -> {
                variable.set("inside");
                Async.yieldNow();
                Async.yieldNow();
                look("inside");
            });
            look("outside");
            assertThat(context.<String, RuntimeException>call(variable::get)).isEqualTo("inside");
            assertThatIllegalStateException()
                    .isThrownBy(() ->
                            context.run(() -> {
                                throw new IllegalStateException();
                            }));
            look("after a failure");
            other.await();
        });
        assertThat(seen)
                .containsExactly(
                        "other task: nobody",
                        "inside: inside",
                        "outside: nobody",
                        "after a failure: nobody");
    }

    @Test
    void aCopyHasTheSameValuesAndGoesItsOwnWay() {
        var context = Context.copyCurrent();
        context.run(() -> variable.set("original"));
        var copy = context.copy();
        copy.run(() -> variable.set("copy"));
        assertThat(context.<String, RuntimeException>call(variable::get)).isEqualTo("original");
        assertThat(copy.<String, RuntimeException>call(variable::get)).isEqualTo("copy");
        assertThat(variable.get()).isEqualTo("nobody");
    }

    @Test
    void resetUndoesOneSet() {
        Context.copyCurrent()
                .run(() -> {
                    var first = variable.set("first");
                    var second = variable.set("second");
                    variable.reset(second);
                    assertThat(variable.get()).isEqualTo("first");
                    variable.reset(first);
                    assertThat(variable.get()).isEqualTo("nobody");
                });
    }

    @Test
    void aTokenServesOnceForItsOwnVariableAndContext() {
        var other = ContextVar.create("other", "");
        Context.copyCurrent()
                .run(() -> {
                    var token = variable.set("value");
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> other.reset(token))
                            .withMessageContaining("user")
                            .withMessageContaining("other");
                    assertThatIllegalArgumentException()
                            .isThrownBy(
                                    () -> Context.copyCurrent().run(() -> variable.reset(token)))
                            .withMessageContaining("another context");
                    variable.reset(token);
                    assertThatIllegalStateException()
                            .isThrownBy(() -> variable.reset(token))
                            .withMessageContaining("used before");
                });
    }

    @Test
    void aThreadWithoutALoopHasValuesOfItsOwn() throws InterruptedException {
        Context.copyCurrent()
                .run(() -> {
                    variable.set("this thread");
                    var thread = Thread.ofPlatform().start(() -> look("other thread"));
                    thread.join();
                    look("this thread");
                });
        assertThat(seen).containsExactly("other thread: nobody", "this thread: this thread");
    }

    @Test
    void whatCallbacksOfTheLoopSetDoesNotLeakIntoTheThreadThatRunsIt() {
        kit.loop().callSoon(() -> variable.set("by a callback"), Context.copyCurrent());
        kit.run(() -> variable.set("by a task"));
        assertThat(variable.get()).isEqualTo("nobody");
    }

    /// A queue of a user's that does something around each callback.
    private static final class WrappingQueue implements ReadyQueue {
        private final FifoReadyQueue inner = new FifoReadyQueue();

        @Override
        public void add(Runnable callback) {
            inner.add(callback instanceof Task<?> ? callback : () -> callback.run());
        }

        @Override
        public void startTurn() {
            inner.startTurn();
        }

        @Override
        public @Nullable Runnable next() {
            return inner.next();
        }

        @Override
        public int size() {
            return inner.size();
        }

        @Override
        public void clear() {
            inner.clear();
        }
    }

    @Test
    void callbacksHaveTheirContextsWhateverTheQueueMakesOfThem() {
        var variable = ContextVar.create("variable", "default");
        for (var queue : List.of(new FifoReadyQueue(), new WrappingQueue())) {
            var seen = new ArrayList<String>();
            try (var loop = SelectorEventLoop.builder().readyQueue(queue).build()) {
                loop.runUntilComplete(() -> {
                    for (var value : List.of("one", "two")) {
                        variable.set(value);
                        loop.callSoon(() -> {
                            seen.add(variable.get());
                            variable.set("changed");
                            loop.callSoon(() -> seen.add("later " + variable.get()));
                            Context.copyCurrent().run(() -> variable.set("in a copy"));
                            seen.add(variable.get());
                        });
                    }
                    Async.yieldNow();
                    Async.yieldNow();
                    seen.add(variable.get());
                });
            }
            assertThat(seen)
                    .containsExactly(
                            "one",
                            "changed",
                            "two",
                            "changed",
                            "later changed",
                            "later changed",
                            "two");
        }
    }

    @Test
    void aContextThatIsAskedForBeforeInAndAfterItsCallbackIsOneAndTheSame() {
        kit.run(() -> {
            variable.set("scheduled");
            var inside = new ArrayList<Context>();
            var handles = new ArrayList<Handle>();
            Runnable change =
                    () -> {
                        inside.add(handles.get(inside.size()).context());
                        look("callback");
                        variable.set("changed");
                    };
            handles.add(kit.loop().callSoon(change));
            handles.add(kit.loop().callAt(kit.loop().time(), change));
            var before = handles.getFirst().context();
            variable.set("later");
            Async.sleep(Duration.ofMillis(1));
            assertThat(handles).extracting(Handle::context).containsExactlyElementsOf(inside);
            assertThat(inside.getFirst()).isSameAs(before);
            inside.forEach(context -> context.run(() -> look("its context")));
            look("task");
        });
        assertThat(seen)
                .containsExactly(
                        "callback: scheduled",
                        "callback: scheduled",
                        "its context: changed",
                        "its context: changed",
                        "task: later");
    }

    @Test
    void aTaskThatLeavesAnotherContextIsInTheOneThatItTellsOthersOf() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        Context.copyCurrent()
                                .run(() -> {
                                    variable.set("inner");
                                    Async.yieldNow();
                                    look("in the other context");
                                });
                        look("back");
                        variable.set("own");
                    });
            var context = task.context();
            task.await();
            assertThat(task.context()).isSameAs(context);
            context.run(() -> look("the task's context"));
        });
        assertThat(seen)
                .containsExactly(
                        "in the other context: inner", "back: nobody", "the task's context: own");
    }

    @Test
    void anObserverThatIsToldOfTheEndOfACallbackIsOutsideOfItsContext() {
        var observer =
                new LoopObserver() {
                    @Override
                    public void callbackEnded(Object callback, long nanos) {
                        look("observer");
                    }
                };
        try (var loop = SelectorEventLoop.builder().observer(observer).build()) {
            loop.callSoon(() -> {
                variable.set("of the callback");
                look("callback");
                loop.stop();
            });
            loop.runForever();
        }
        assertThat(seen).containsExactly("callback: of the callback", "observer: nobody");
    }
}
