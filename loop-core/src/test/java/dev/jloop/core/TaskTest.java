package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

class TaskTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    @Test
    void creatingATaskRunsNothingOfItsBody() {
        kit.run(() -> {
            var task = Async.createTask(() -> calls.add("body"));
            assertThat(calls).isEmpty();
            assertThat(task.isDone()).isFalse();
            assertThat(task.await()).isTrue();
        });
        assertThat(calls).containsExactly("body");
    }

    @Test
    void tasksStartInTheOrderTheyWereCreated() {
        kit.run(() -> {
            var tasks = new ArrayList<Task<Boolean>>();
            for (var name : List.of("a", "b", "c")) {
                tasks.add(Async.createTask(() -> calls.add(name)));
            }
            Async.gather(tasks).await();
        });
        assertThat(calls).containsExactly("a", "b", "c");
    }

    @Test
    void tasksAreNumberedUnlessTheyAreNamedAndCanBeRenamed() {
        kit.run(() -> {
            var first = Async.createTask(() -> 1);
            var second = Async.createTask(() -> 2);
            var named = Async.createTask(() -> Thread.currentThread().getName(), "fetch");
            assertThat(number(second)).isEqualTo(number(first) + 1);
            assertThat(named.name()).isEqualTo("fetch");
            named.rename("fetch again");
            assertThat(named.name()).isEqualTo("fetch again");
            assertThat(named.toString()).contains("fetch again");
            assertThat(named.await()).as("the name of its thread").isEqualTo("fetch again");
            Async.gather(List.of(first, second)).await();
        });
    }

    private static int number(Task<?> task) {
        assertThat(task.name()).startsWith("Task-");
        return Integer.parseInt(task.name().substring("Task-".length()));
    }

    @Test
    void renamingARunningTaskRenamesItsThread() {
        kit.run(() -> {
            Async.currentTask().rename("other name");
            assertThat(Thread.currentThread().getName()).isEqualTo("other name");
        });
    }

    @Test
    void theCurrentTaskIsTheOneWhoseCoroutineAsks() {
        kit.run(() -> {
            var main = Async.currentTask();
            var child = Async.createTask(() -> Async.currentTask());
            assertThat(child.await()).isSameAs(child);
            assertThat(Async.currentTask()).isSameAs(main);
            assertThat(kit.loop().currentTask()).isSameAs(main);
        });
        assertThat(kit.loop().currentTask()).isNull();
    }

    @Test
    void allTasksAreThoseThatAreNotDoneInTheOrderOfTheirCreation() {
        kit.run(() -> {
            var main = Async.currentTask();
            var gate = kit.loop().<String>createFuture();
            var first = Async.createTask(gate::await);
            var second = Async.createTask(gate::await);
            var done = Async.createTask(() -> "done");
            done.await();
            Set<Task<?>> all = Async.allTasks();
            assertThat(all).containsExactly(main, first, second);
            gate.setResult("open");
            Async.waitAll(List.of(first, second));
            assertThat(all).as("a snapshot").hasSize(3);
            assertThat(Async.allTasks()).containsExactly(main);
        });
        assertThat(kit.loop().allTasks()).isEmpty();
    }

    @Test
    void theResultOfATaskIsSetByItsBodyOnly() {
        kit.run(() -> {
            var task = Async.createTask(() -> "result");
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> task.setResult("other"));
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> task.setException(new IllegalStateException()));
            assertThat(task.await()).isEqualTo("result");
        });
    }

    @Test
    void aTaskThatAwaitsItselfFails() {
        kit.run(() -> {
            var task = new Task<?>[1];
            var self = Async.createTask(() -> task[0].await());
            task[0] = self;
            assertThatIllegalStateException()
                    .isThrownBy(self::await)
                    .withMessageContaining("cannot await itself")
                    .withMessageContaining(self.name());
        });
    }

    @Test
    void aTaskThatAwaitsAFutureOfAnotherLoopFailsAndTheErrorNamesBoth() {
        try (var other = SelectorEventLoop.builder().build()) {
            var foreign = other.<String>createFuture();
            kit.run(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(foreign::await)
                        .withMessageContaining(other.toString())
                        .withMessageContaining(kit.loop().toString());
            });
        }
    }

    @Test
    void aDoneFutureOfAnotherLoopIsRefusedToo() {
        try (var other = SelectorEventLoop.builder().build()) {
            var foreign = other.<String>createFuture();
            foreign.setResult("value");
            kit.run(() -> {
                assertThatIllegalStateException().isThrownBy(foreign::await);
            });
        }
    }

    @Test
    void theStackOfASuspendedTaskIsItsBodyWithoutTheMachinery() {
        kit.run(() -> {
            var gate = kit.loop().<String>createFuture();
            var task = Async.createTask(() -> outer(gate));
            assertThat(task.stack()).as("before the first step").isEmpty();
            Async.yieldNow();
            assertThat(task.stack())
                    .extracting(StackTraceElement::getMethodName)
                    .startsWith("inner", "outer");
            assertThat(task.stack())
                    .extracting(StackTraceElement::getClassName)
                    .allMatch(name -> name.startsWith(TaskTest.class.getName()));
            gate.setResult("open");
            assertThat(task.await()).isEqualTo("open");
            assertThat(task.stack()).as("after the end").isEmpty();
        });
    }

    private static String outer(LoopFuture<String> gate) {
        return inner(gate);
    }

    private static String inner(LoopFuture<String> gate) {
        return gate.await();
    }

    @Test
    void aSuspendedTaskSaysWhatItAwaits() {
        kit.run(() -> {
            var gate = kit.loop().<String>createFuture();
            var child = Async.createTask(gate::await, "child");
            var parent = Async.createTask(child::await, "parent");
            Async.yieldNow();
            Async.yieldNow();
            assertThat(child.toString()).contains("'child'", "pending", "awaits LoopFuture");
            assertThat(parent.toString()).contains("awaits Task 'child'");
            gate.setResult("open");
            parent.await();
            assertThat(parent.toString()).contains("finished, result: open");
        });
    }

    @Test
    void aTaskFactoryMakesTheTasksUntilItIsTakenAway() {
        var seen = new ArrayList<String>();
        kit.loop()
                .setTaskFactory(
                        new TaskFactory() {
                            @Override
                            public <T> Task<T> create(
                                    EventLoop loop, Callable<T> body, TaskOptions options) {
                                seen.add("created on " + loop);
                                return loop.newTask(body, options.withName("made by the factory"));
                            }
                        });
        assertThat(kit.run(() -> Async.currentTask().name())).isEqualTo("made by the factory");

        kit.loop().setTaskFactory(null);

        assertThat(kit.run(() -> Async.currentTask().name())).startsWith("Task-");
        assertThat(seen).containsExactly("created on " + kit.loop());
    }

    @Test
    void aTaskFactoryIsGivenTheOptionsOfTheCaller() {
        kit.loop()
                .setTaskFactory(
                        new TaskFactory() {
                            @Override
                            public <T> Task<T> create(
                                    EventLoop loop, Callable<T> body, TaskOptions options) {
                                return loop.newTask(body, options);
                            }
                        });
        kit.run(() -> {
            var eager =
                    Async.createTask(
                            () -> calls.add("body"),
                            TaskOptions.DEFAULTS.withName("eager").withEagerStart(true));
            assertThat(calls).containsExactly("body");
            assertThat(eager.name()).isEqualTo("eager");
        });
    }

    @Test
    void ensureFutureGivesBackAFutureAndStartsABody() {
        kit.run(() -> {
            var future = kit.loop().<String>createFuture();
            assertThat(Async.ensureFuture(future)).isSameAs(future);
            assertThat(Async.ensureFuture(() -> "body").await()).isEqualTo("body");
            try (var other = SelectorEventLoop.builder().build()) {
                var foreign = other.<String>createFuture();
                assertThatExceptionOfType(IllegalArgumentException.class)
                        .isThrownBy(() -> Async.ensureFuture(foreign))
                        .withMessageContaining(other.toString());
            }
        });
    }

    @Test
    void aTaskThatNobodyRefersToIsNotLost() {
        var gate = kit.loop().<String>createFuture();
        kit.loop()
                .createTask(() -> {
                    calls.add(gate.await());
                });
        kit.runOneTurn();
        System.gc();
        gate.setResult("open");
        kit.runTurns(2);
        assertThat(calls).containsExactly("open");
    }

    @Test
    void theCoroutineOfATaskIsKnownUntilItHasEnded() {
        Callable<String> body = () -> "done";
        var task = kit.loop().createTask(body);
        assertThat(task.getCoroutine()).isSameAs(body);
        assertThat(kit.run(task::await)).isEqualTo("done");
        assertThat(task.getCoroutine()).isNull();
    }
}
