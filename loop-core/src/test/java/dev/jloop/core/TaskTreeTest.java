package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.jloop.core.TaskTree.LoopNode;
import dev.jloop.core.TaskTree.TaskNode;
import dev.jloop.core.TaskTree.TaskState;
import dev.jloop.core.spi.Held;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class TaskTreeTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<Task<?>> started = new ArrayList<>();

    @AfterEach
    void endTasks() {
        started.forEach(Task::cancel);
        kit.runTurns(10);
    }

    private Task<?> start(String name, AsyncRunnable body) {
        var task = kit.loop().createTask(body, name);
        started.add(task);
        return task;
    }

    private Task<?> startSleeping(String name) {
        return start(name, () -> Async.sleep(HOUR));
    }

    private LoopNode tree() {
        return TaskTree.capture(kit.loop()).loops().getFirst();
    }

    private TaskNode node(String name) {
        return tree().tasks().stream()
                .filter(task -> task.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> names(List<TaskNode> tasks) {
        return tasks.stream().map(TaskNode::name).toList();
    }

    private List<String> awaitedBy(String name) {
        var ids = node(name).awaitedTasks();
        return names(tree().tasks().stream().filter(task -> ids.contains(task.id())).toList());
    }

    @Test
    void aTaskWaitsForTheOneThatItAwaits() {
        var inner = startSleeping("inner");
        start("outer", inner::await);
        kit.runTurns(2);

        assertThat(node("outer").awaits()).isEqualTo("task 'inner'");
        assertThat(awaitedBy("outer")).containsExactly("inner");
        assertThat(node("inner").awaits()).isEqualTo("sleep");
        assertThat(node("inner").awaitedTasks()).isEmpty();
        assertThat(names(tree().roots())).containsExactly("outer");
    }

    @Test
    void aGatherAndAShieldAreLookedThrough() {
        var first = startSleeping("first");
        var second = startSleeping("second");
        start(
                "outer",
                () -> Async.shield(Async.gather(List.of(first, Async.shield(second)))).await());
        kit.runTurns(2);

        assertThat(node("outer").awaits()).isEqualTo("a shield of gather of 2 futures, 2 pending");
        assertThat(awaitedBy("outer")).containsExactly("first", "second");
        endTasks();
        assertThat(kit.takeReports()).as("of the shields").isNotEmpty();
    }

    @Test
    void aTaskThatIsDoneIsWaitedForNoMore() {
        var first = start("first", () -> {});
        var second = startSleeping("second");
        start("outer", () -> Async.gatherSettled(List.of(first, second)).await());
        kit.runTurns(3);

        assertThat(node("outer").awaits()).isEqualTo("gather of 2 futures, 1 pending");
        assertThat(awaitedBy("outer")).containsExactly("second");
    }

    @Test
    void aWaitForSeveralIsLookedThrough() {
        var tasks = List.of(startSleeping("first"), startSleeping("second"));
        start("any", () -> Async.waitAny(tasks));
        start("all", () -> Async.waitAll(tasks));
        start("next", () -> Async.asCompleted(tasks).iterator().next());
        kit.runTurns(2);

        assertThat(node("any").awaits()).isEqualTo("the first of 2 futures, 2 pending");
        assertThat(node("all").awaits()).isEqualTo("all of 2 futures, 2 pending");
        assertThat(node("next").awaits()).isEqualTo("the next of 2 futures");
        assertThat(awaitedBy("any")).containsExactly("first", "second");
        assertThat(awaitedBy("all")).containsExactly("first", "second");
        assertThat(awaitedBy("next")).containsExactly("first", "second");
    }

    @Test
    void theOwnerOfATaskGroupWaitsForItsTasksEvenWhileTheBodyGoesOn() {
        var gate = kit.loop().<@Nullable Void>createFuture("the gate");
        start(
                "owner",
                () -> {
                    var group = new TaskGroup();
                    group.run(() -> {
                        group.createTask(() -> Async.sleep(HOUR), "member");
                        gate.await();
                    });
                });
        kit.runTurns(2);

        assertThat(node("owner").awaits()).isEqualTo("the gate");
        assertThat(awaitedBy("owner")).containsExactly("member");

        gate.setResult(null);
        kit.runTurns(2);

        assertThat(node("owner").awaits()).contains("TaskGroup", "tasks=1");
        assertThat(awaitedBy("owner")).containsExactly("member");
    }

    @Test
    void theWayGoesOnToTheHolderOfWhatIsHeld() {
        var holder = startSleeping("holder");
        var lock =
                new Held() {
                    @Override
                    public Object holder() {
                        return holder;
                    }

                    @Override
                    public String toString() {
                        return "a lock";
                    }
                };
        start("waiter", () -> kit.loop().createFuture(lock).await());
        kit.runTurns(2);

        assertThat(node("waiter").awaits()).isEqualTo("a lock");
        assertThat(awaitedBy("waiter")).containsExactly("holder");
    }

    @Test
    void aPurposeThatIsAFutureIsFollowed() {
        var behind = startSleeping("behind");
        start("waiter", () -> kit.loop().createFuture(behind).await());
        kit.runTurns(2);

        assertThat(awaitedBy("waiter")).containsExactly("behind");
    }

    @Test
    void theWayGoesThroughTheBodiesOfGenerators() {
        var worker = startSleeping("worker");
        AsyncIterable<Integer> inner = Async.generate(emitter -> awaitInHere(worker));
        AsyncIterable<Integer> outer =
                Async.generate(emitter -> {
                    for (var item : inner) {
                        emitter.emit(item);
                    }
                });
        start("consumer", () -> iterateInHere(outer));
        kit.runTurns(2);

        var consumer = node("consumer");
        assertThat(consumer.awaits())
                .startsWith("the next item of the generator ")
                .endsWith(", which waits for task 'worker'");
        assertThat(awaitedBy("consumer")).containsExactly("worker");
        assertThat(consumer.frames().getFirst().getMethodName()).isEqualTo("awaitInHere");
        assertThat(consumer.frames().getLast().getMethodName())
                .contains("theWayGoesThroughTheBodiesOfGenerators");
        assertThat(consumer.frames().toString())
                .contains("iterateInHere")
                .doesNotContain("GeneratorRun");
    }

    private static void iterateInHere(AsyncIterable<?> items) {
        items.forEach(_ -> {});
    }

    @Test
    void aCycleThroughTheBodyOfAGeneratorIsNamed() {
        var tasks = new ArrayList<Task<?>>();
        tasks.add(start("worker", () -> tasks.getLast().await()));
        AsyncIterable<Integer> items = Async.generate(emitter -> tasks.getFirst().await());
        tasks.add(start("consumer", () -> iterateInHere(items)));
        kit.runTurns(2);

        assertThat(tree().cycles()).hasSize(1);
        assertThat(names(tree().cycles().getFirst())).containsExactly("worker", "consumer");
    }

    @Test
    void theConsumerWaitsForTheTaskGroupInTheBodyOfItsGenerator() {
        AsyncIterable<Integer> items =
                Async.generate(emitter -> {
                    var group = new TaskGroup();
                    group.run(() -> {
                        started.add(group.createTask(() -> Async.sleep(HOUR), "member"));
                        Async.sleep(HOUR);
                    });
                });
        start("consumer", () -> iterateInHere(items));
        kit.runTurns(2);

        assertThat(node("consumer").awaits()).endsWith(", which waits for sleep");
        assertThat(awaitedBy("consumer")).containsExactly("member");
    }

    @Test
    void aTaskRunsWhileTheBodyOfItsGeneratorDoes() {
        var seen = new ArrayList<TaskNode>();
        AsyncIterable<Integer> items = Async.generate(emitter -> seen.add(captureConsumer()));
        start("consumer", () -> iterateInHere(items));
        kit.runTurns(2);

        assertThat(seen)
                .singleElement()
                .satisfies(consumer -> {
                    assertThat(consumer.state()).isEqualTo(TaskState.RUNNING);
                    assertThat(consumer.frames().toString())
                            .contains("captureConsumer")
                            .contains("iterateInHere");
                });
    }

    private TaskNode captureConsumer() {
        return node("consumer");
    }

    @Test
    void aHolderThatCannotBeAskedSpoilsNothingElse() {
        Held broken =
                () -> {
                    throw new IllegalStateException("planted");
                };
        start("waiter", () -> kit.loop().createFuture(broken).await());
        startSleeping("other");
        kit.runTurns(2);

        assertThat(node("waiter").awaits()).contains("cannot be read", "planted");
        assertThat(node("other").awaits()).isEqualTo("sleep");
    }

    @Test
    void whateverTheCodeOfUsersThrowsSpoilsNothingElse() {
        start(
                "asks",
                () ->
                        kit.loop()
                                .createFuture(
                                        (Held)
                                                () -> {
                                                    throw new AssertionError("no holder");
                                                })
                                .await());
        var unprintable =
                new Object() {
                    @Override
                    public String toString() {
                        throw new AssertionError("no text");
                    }
                };
        start("prints", () -> kit.loop().createFuture(unprintable).await());
        kit.runTurns(2);

        assertThat(node("asks").awaits()).contains("cannot be read", "no holder");
        assertThat(node("prints").awaits()).contains("whose toString failed", "AssertionError");
    }

    @Test
    void theStatesAreToldApart() {
        startSleeping("waiting");
        start(
                "ready",
                () -> {
                    while (true) {
                        Async.yieldNow();
                    }
                });
        start(
                "running",
                () -> {
                    Async.yieldNow();
                    startSleeping("queued");
                    assertThat(node("waiting").state()).isEqualTo(TaskState.WAITING);
                    assertThat(node("ready").state()).isEqualTo(TaskState.READY);
                    assertThat(node("running").state()).isEqualTo(TaskState.RUNNING);
                    assertThat(node("queued").state()).isEqualTo(TaskState.QUEUED);
                    assertThat(node("running").since()).isEmpty();
                    assertThat(node("queued").frames()).isEmpty();
                });
        kit.runTurns(3);
        assertThat(started).filteredOn(Task::isDone).extracting(Task::name).contains("running");
        assertThat(started.get(2).exception()).isNull();
    }

    @Test
    void sinceIsTheTimeOnTheLoopsClock() {
        startSleeping("early");
        kit.runTurns(2);
        kit.clock.advance(Duration.ofMinutes(3));
        startSleeping("late");
        kit.runTurns(2);
        kit.clock.advance(Duration.ofSeconds(5));

        assertThat(node("early").since()).contains(Duration.ofSeconds(185));
        assertThat(node("late").since()).contains(Duration.ofSeconds(5));
    }

    @Test
    void theFramesAreThoseOfTheUserWithTheAwaitingCallFirst() {
        start("sleeper", this::sleepInHere);
        kit.runTurns(2);

        var methods =
                node("sleeper").frames().stream().map(StackTraceElement::getMethodName).toList();
        assertThat(methods).startsWith("sleep", "sleepInHere");
        assertThat(node("sleeper").frames().toString()).doesNotContain("jdk.internal", "engine");
    }

    private void sleepInHere() {
        Async.sleep(HOUR);
    }

    @Test
    void theFramesOfTheTaskThatCapturesBeginWhereItDoes() {
        kit.run(this::captureInHere);
    }

    private void captureInHere() {
        var captured = TaskTree.capture().loops();
        var running =
                captured.stream()
                        .flatMap(loop -> loop.tasks().stream())
                        .filter(task -> task.state() == TaskState.RUNNING)
                        .toList();
        assertThat(running)
                .extracting(task -> task.frames().getFirst().getMethodName())
                .contains("captureInHere");
    }

    @Test
    void aCycleIsNamedAndEachOfItsTasksIsThere() {
        awaitInCircle("a", "b", "c");
        kit.runTurns(2);

        assertThat(tree().cycles()).hasSize(1);
        assertThat(names(tree().cycles().getFirst())).containsExactly("a", "b", "c");
        assertThat(names(tree().roots())).containsExactly("a");
        assertThat(TaskTree.capture(kit.loop()).text())
                .contains("cycle: #1 a -> #2 b -> #3 c -> #1 a\n")
                .contains("`-- #1 a: waits 0 ms for task 'b'\n")
                .contains("        `-- #3 c: waits 0 ms for task 'a'\n")
                .contains("            `-- #1 a (a cycle closes here: see above)\n");
    }

    private void awaitInCircle(String... names) {
        var tasks = new ArrayList<Task<?>>();
        for (var i = 0; i < names.length; i++) {
            var next = (i + 1) % names.length;
            tasks.add(start(names[i], () -> tasks.get(next).await()));
        }
    }

    @Test
    void aTaskThatWaitsForWhatItHoldsItselfIsACycleOfOne() {
        Held mine = () -> started.getFirst();
        start("both", () -> kit.loop().createFuture(mine).await());
        kit.runTurns(2);

        assertThat(tree().cycles()).hasSize(1);
        assertThat(names(tree().cycles().getFirst())).containsExactly("both");
        assertThat(TaskTree.capture(kit.loop()).text())
                .contains("cycle: #1 both -> #1 both\n", "#1 both (a cycle closes here");
    }

    @Test
    void twoCyclesAndTheWayToOneOfThemAreToldApart() {
        awaitInCircle("a", "b");
        awaitInCircle("x", "y");
        start("outside", () -> started.get(1).await());
        kit.runTurns(2);

        assertThat(tree().cycles()).hasSize(2);
        assertThat(names(tree().roots())).containsExactly("outside", "x");
    }

    @Test
    void aTaskThatTwoWaitForIsShownInFullOnce() {
        var shared = startSleeping("shared");
        start("first", shared::await);
        start("second", shared::await);
        kit.runTurns(2);

        assertThat(TaskTree.capture(kit.loop()).text(100, 0))
                .isEqualTo(
                        kit.loop().name()
                                + " (not running, engine "
                                + kit.loop().engine().name()
                                + ", 3 tasks)\n"
                                + "|-- #2 first: waits 0 ms for task 'shared'\n"
                                + "|   `-- #1 shared: waits 0 ms for sleep\n"
                                + "`-- #3 second: waits 0 ms for task 'shared'\n"
                                + "    `-- #1 shared (see above)\n");
    }

    @Test
    void theTreeOfOneTaskHoldsWhatItWaitsFor() {
        var inner = startSleeping("inner");
        var outer = start("outer", inner::await);
        startSleeping("other");
        kit.runTurns(2);

        var loop = TaskTree.capture(outer).loops().getFirst();

        assertThat(names(loop.tasks())).containsExactly("inner", "outer");
    }

    @Test
    void theTextKeepsToItsLimitsAndSaysWhatItLeavesOut() {
        var last = startSleeping("last");
        var middle = start("middle", () -> awaitInHere(last));
        start("first", middle::await);
        kit.runTurns(2);

        assertThat(TaskTree.capture(kit.loop()).text(2, 1))
                .contains("... 1 more\n", "`-- (and what it waits for)\n", "#2 middle")
                .doesNotContain("#1 last");
    }

    @Test
    void theTextOfManyWhoWaitForManyIsLimitedAndSaysSo() {
        var many = new ArrayList<Task<?>>();
        for (var i = 0; i < 200; i++) {
            many.add(startSleeping("leaf"));
        }
        for (var i = 0; i < 200; i++) {
            start("waits", () -> Async.waitAll(many));
        }
        kit.runTurns(2);

        var text = TaskTree.capture(kit.loop()).text(2, 0);

        assertThat(text.lines().count()).isEqualTo(1 + 10_000 + 1);
        assertThat(text)
                .endsWith(
                        "(too large to be drawn further: 250 of 400 tasks are shown, and the JSON"
                                + " has all)\n");
    }

    private static void awaitInHere(Task<?> task) {
        task.await();
    }

    @Test
    void limitsOutOfRangeAreRefused() {
        var tree = TaskTree.capture(kit.loop());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tree.text(0, 1))
                .withMessage("depth must be from 1 to 1000, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tree.text(1, -1))
                .withMessage("frames must not be negative, was -1");
    }

    @Test
    void aChainOfTenThousandTasksIsNoDifficulty() {
        var gate = kit.loop().<@Nullable Void>createFuture();
        var before = start("0", gate::await);
        for (var i = 1; i < 10_000; i++) {
            var awaited = before;
            before = start(Integer.toString(i), awaited::await);
        }
        kit.runTurns(2);

        var tree = TaskTree.capture(kit.loop());

        assertThat(names(tree.loops().getFirst().roots())).containsExactly("9999");
        assertThat(tree.loops().getFirst().cycles()).isEmpty();
        assertThat(tree.text()).contains("#9901 9900:", "(and what it waits for)");
        assertThat(tree.json()).contains("\"awaitedTasks\":[9999]");
        gate.setResult(null);
        kit.runTurns(10_001);
        assertThat(before.isDone()).isTrue();
    }

    @Test
    void theJsonIsAsciiAndEscapesWhatNamesHold() {
        start("a \"quoted\" \\ \n \u001b[31m n\u00e4me \ud83d", () -> Async.sleep(HOUR));
        kit.runTurns(2);

        var json = TaskTree.capture(kit.loop()).json();

        assertThat(json)
                .contains(
                        "\"name\":\"a \\\"quoted\\\" \\\\ \\u000a \\u001b[31m n\\u00e4me \\ud83d\"")
                .contains("\"state\":\"WAITING\",\"awaits\":\"sleep\",\"awaitedTasks\":[]")
                .contains("\"sinceNanos\":0,\"stack\":[\"")
                .contains("\"stuckIn\":null,\"cycles\":[],\"tasks\":[{\"id\":1,");
        assertThat(json.chars()).allMatch(character -> character >= ' ' && character <= '~');
    }

    @Test
    void namesReachNoTerminalAsCommandsAndBreakNoLines() {
        start("two\nlines \u001b[31m", () -> Async.sleep(HOUR));
        kit.runTurns(2);

        assertThat(TaskTree.capture(kit.loop()).text())
                .contains("#1 two\\u000alines \\u001b[31m: waits");
    }

    @Test
    void theTreeOfAllLoopsHoldsThoseThatHaveRunAndAreNotClosed() {
        startSleeping("here");
        try (var neverRun = SelectorEventLoop.builder().build()) {
            kit.runTurns(2);
            assertThat(loopNames()).contains(kit.loop().name()).doesNotContain(neverRun.name());
        }
        String closed;
        try (var other = SelectorEventLoop.builder().build()) {
            other.runUntilComplete(() -> {});
            closed = other.name();
            assertThat(loopNames()).contains(kit.loop().name(), closed);
        }
        assertThat(loopNames()).doesNotContain(closed);
    }

    private static List<String> loopNames() {
        return TaskTree.capture().loops().stream().map(LoopNode::name).toList();
    }
}
