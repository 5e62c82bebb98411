package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.Fault;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;
import dev.jloop.core.TaskGroup;
import dev.jloop.streams.Streams;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Tests that must fail, each for its own reason. [LoopTestExtensionTest] runs them.
final class PlantedCases {
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private PlantedCases() {}

    static class FailingAssertion {
        @LoopTest
        void fails() {
            Async.sleep(Duration.ofSeconds(1));
            assertThat(1).isEqualTo(2);
        }
    }

    static class FailingOnASimulatedNetwork {
        @LoopTest
        void fails(SimulatedNetwork network) throws IOException {
            var server = Streams.startServer((_, _) -> {}, "127.0.0.1", 80);
            var _ = network.host("other");
            try {
                throw new IOException("on a network");
            } finally {
                server.close();
            }
        }
    }

    static class CheckedException {
        @LoopTest
        void fails() throws IOException {
            throw new IOException("checked");
        }
    }

    static class Aborted {
        @LoopTest(seeds = 3)
        void aborts() {
            Assumptions.abort("not here");
        }
    }

    static class RecordedFailure {
        @LoopTest(seeds = 3)
        void fails(VirtualTimeLoop loop, Recorder recorder) {
            Async.sleep(Duration.ofSeconds(1));
            recorder.note("here", "it fails");
            assertThat(loop.seed()).hasValue(1);
        }
    }

    static class RecordedLeak {
        @LoopTest
        void leaks(Recorder recorder) {
            Async.createTask(() -> Async.sleep(FOR_EVER), "forgotten");
            recorder.note("a", "leak");
            Async.yieldNow();
        }
    }

    static class FaultInjected {
        @LoopTest
        void fails(VirtualTimeLoop loop) {
            loop.faults().failOnce("disk.write").failOnce("disk.wrote");
            Fault.point("disk.write");
        }
    }

    static class LeakedTask {
        @LoopTest
        void leaks() {
            Async.createTask(() -> Async.sleep(FOR_EVER), "forgotten");
            Async.yieldNow();
        }
    }

    static class GeneratorLeftEarly {
        static boolean cleanedUp;

        @LoopTest
        void leaves() {
            var items =
                    Async.<Integer>generate(emitter -> {
                        try {
                            emitter.emit(1);
                        } finally {
                            Async.sleep(Duration.ofSeconds(1));
                            cleanedUp = true;
                        }
                    });
            assertThat(items.iterator().next()).isEqualTo(1);
        }
    }

    static class GeneratorThatFailsToCleanUp {
        @LoopTest
        void leaves() {
            var items =
                    Async.<Integer>generate(emitter -> {
                        try {
                            emitter.emit(1);
                        } finally {
                            fail("from the clean-up");
                        }
                    });
            assertThat(items.iterator().next()).isEqualTo(1);
        }

        private static void fail(String message) {
            throw new IllegalStateException(message);
        }
    }

    static class CancelledTaskThatCleansUp {
        static boolean cleanedUp;

        @LoopTest
        void cancels() {
            var task =
                    Async.createTask(() -> {
                        try {
                            Async.sleep(FOR_EVER);
                        } finally {
                            Async.sleep(Duration.ofMillis(1));
                            cleanedUp = true;
                        }
                    });
            Async.yieldNow();
            task.cancel();
        }
    }

    static class TwoFailingAfterEach {
        static final List<String> CALLS = new ArrayList<>();

        @LoopTest(seeds = 2)
        void passes() {}

        @AfterEach
        void one() {
            CALLS.add("one");
            throw new IllegalStateException("one");
        }

        @AfterEach
        void two() {
            CALLS.add("two");
            throw new IllegalStateException("two");
        }
    }

    static class AlsoRepeated {
        static final List<String> EVENTS = new CopyOnWriteArrayList<>();

        private VirtualTimeLoop prepared;

        @BeforeEach
        void prepare(VirtualTimeLoop loop) {
            prepared = loop;
        }

        @LoopTest
        @RepeatedTest(2)
        void runsTwice(RepetitionInfo repetition, VirtualTimeLoop loop) {
            assertThat(EventLoop.current()).isSameAs(loop).isSameAs(prepared);
            Async.sleep(FOR_EVER);
            EVENTS.add(repetition.getCurrentRepetition() + " at " + loop.time());
        }
    }

    static class AlsoParameterized {
        static final List<String> EVENTS = new CopyOnWriteArrayList<>();

        @LoopTest
        @ParameterizedTest
        @ValueSource(strings = {"a", "b", "c"})
        void failsForB(String value, VirtualTimeLoop loop) {
            EVENTS.add(value + " at " + loop.time());
            Async.sleep(FOR_EVER);
            assertThat(value).isNotEqualTo("b");
        }
    }

    static class AlsoParameterizedWithSeeds {
        static final List<String> EVENTS = new CopyOnWriteArrayList<>();

        private VirtualTimeLoop prepared;

        @BeforeEach
        void prepare(VirtualTimeLoop loop) {
            prepared = loop;
        }

        @LoopTest(seeds = 2)
        @ParameterizedTest
        @CsvSource({"a, 1", "b, 2"})
        void leaksForB(String value, int number, VirtualTimeLoop loop) {
            assertThat(EventLoop.current()).isSameAs(loop).isSameAs(prepared);
            EVENTS.add(value + number + " " + loop.seed().getAsLong());
            if (number == loop.seed().getAsLong() && value.equals("b")) {
                Async.createTask(() -> Async.sleep(FOR_EVER), "forgotten");
            }
        }
    }

    static class AlsoAFactory {
        @LoopTest
        @TestFactory
        List<DynamicTest> makes() {
            return List.of(DynamicTest.dynamicTest("passes", () -> {}));
        }
    }

    static class RealSocketsAndASimulatedNetwork {
        @LoopTest(realSockets = true)
        void mixes(SimulatedNetwork network) {}
    }

    /// Each needs the other to be on at the same time.
    static class MeetingInParallel {
        static final CyclicBarrier BOTH = new CyclicBarrier(2);

        @LoopTest
        void one(VirtualTimeLoop loop) throws Exception {
            meet(loop);
        }

        @LoopTest(seeds = 3)
        void other(VirtualTimeLoop loop) throws Exception {
            if (loop.seed().getAsLong() == 1) {
                meet(loop);
            }
        }

        private static void meet(VirtualTimeLoop loop) throws Exception {
            Thread.ofPlatform().name("of somebody").start(MeetingInParallel::waitABit);
            BOTH.await(30, TimeUnit.SECONDS);
            Async.sleep(FOR_EVER);
            assertThat(EventLoop.current()).isSameAs(loop);
            assertThat(loop.time()).isEqualTo(FOR_EVER.toNanos());
        }

        private static void waitABit() {
            try {
                RELEASE.await();
            } catch (InterruptedException interrupt) {
                Thread.currentThread().interrupt();
            }
        }

        static final CountDownLatch RELEASE = new CountDownLatch(1);
    }

    static class LeakEndedByAfterEach {
        @LoopTest
        void leavesATask() {
            Async.createTask(() -> Async.sleep(FOR_EVER), "forgotten");
        }

        @AfterEach
        void cleanUp(EventLoop loop) {
            loop.allTasks().forEach(task -> task.cancel());
        }
    }

    static class TaskThatRefusesToEnd {
        @LoopTest
        void leaks() {
            Async.createTask(
                    () -> {
                        try {
                            Async.sleep(FOR_EVER);
                        } catch (CancelledError ignored) {
                            EventLoop.current().createFuture().await();
                        }
                    },
                    "stubborn");
            Async.yieldNow();
        }
    }

    static class FailingCallback {
        @LoopTest
        void callbackFails(EventLoop loop) {
            loop.callSoon(() -> {
                throw new IllegalStateException("from the callback");
            });
            Async.yieldNow();
        }
    }

    static class ExceptionNobodyLooksAt {
        @LoopTest
        void childFails() {
            Async.createTask(() -> {
                throw new IOException("unseen");
            });
            Async.yieldNow();
        }
    }

    static class FailingBackgroundTask {
        @LoopTest
        void backgroundFails(VirtualTimeLoop loop) {
            loop.background(() -> {
                throw new IOException("behind the scenes");
            });
            Async.yieldNow();
        }
    }

    static class FailingBodyAndChild {
        @LoopTest
        void bothFail() {
            Async.createTask(() -> {
                throw new IOException("the reason");
            });
            Async.yieldNow();
            throw new IllegalStateException("the consequence");
        }
    }

    static class Deadlock {
        @LoopTest
        void waits(EventLoop loop) {
            loop.createFuture().await();
        }
    }

    static class EndlessTimers {
        static final List<String> EVENTS = new CopyOnWriteArrayList<>();

        @LoopTest(timeoutMillis = 200)
        void ticks() {
            try {
                while (true) {
                    Async.sleep(Duration.ofSeconds(1));
                }
            } finally {
                EVENTS.add("cleaned up");
            }
        }
    }

    static class StuckLoop {
        static final CountDownLatch RELEASE = new CountDownLatch(1);
        static final AtomicReference<EventLoop> LOOP = new AtomicReference<>();

        @LoopTest(timeoutMillis = 200)
        void blocks(EventLoop loop) {
            LOOP.set(loop);
            blockTheLoop();
        }

        private static void blockTheLoop() {
            var interrupted = false;
            while (RELEASE.getCount() > 0) {
                try {
                    RELEASE.await();
                } catch (InterruptedException interrupt) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static class BadSettings {
        @LoopTest(seeds = 0)
        void neverRuns() {
            throw new AssertionError("ran");
        }
    }

    /// Fails where the second task comes before the first.
    static class OrderDependent {
        static final List<String> EVENTS = new CopyOnWriteArrayList<>();

        private final List<String> order = new ArrayList<>();

        @BeforeEach
        void prepare(VirtualTimeLoop loop) {
            EVENTS.add("before " + loop.seed());
        }

        @LoopTest(seeds = 100)
        void dependsOnTheOrder(VirtualTimeLoop loop) {
            EVENTS.add("body " + loop.seed());
            new TaskGroup()
                    .run(() -> {
                        Async.createTask(() -> order.add("first")).await();
                    });
            var first = Async.createTask(() -> order.add("second"));
            var second = Async.createTask(() -> order.add("third"));
            Async.waitAll(List.of(first, second));
            assertThat(order).isEqualTo(List.of("first", "second", "third"));
        }

        @AfterEach
        void cleanUp(VirtualTimeLoop loop) {
            EVENTS.add("after " + loop.seed());
        }
    }

    static class LeakUnderSomeSeed {
        @LoopTest(seeds = 2)
        void leaks(VirtualTimeLoop loop) {
            if (loop.seed().getAsLong() == 2) {
                Async.createTask(() -> Async.sleep(FOR_EVER), "forgotten");
                Async.yieldNow();
            }
        }
    }

    static class FailingBeforeEach {
        static final List<String> EVENTS = new CopyOnWriteArrayList<>();

        @BeforeEach
        void prepare(VirtualTimeLoop loop) {
            EVENTS.add("before " + loop.seed());
            throw new IllegalStateException("cannot prepare");
        }

        @LoopTest(seeds = 3)
        void neverRuns() {
            EVENTS.add("body");
        }

        @AfterEach
        void cleanUp() {
            EVENTS.add("after");
        }
    }

    static class PlainSeed {
        static final List<String> EVENTS = new CopyOnWriteArrayList<>();

        @LoopTest
        void tellsItsSeed(VirtualTimeLoop loop) {
            EVENTS.add(loop.seed().toString());
        }
    }

    /// Looks, and waits if there is nothing, with a step between the two in which it misses the
    /// only wake-up.
    static class LostWakeUp {
        private final ArrayDeque<String> items = new ArrayDeque<>();
        private final List<LoopFuture<String>> waiters = new ArrayList<>();

        @LoopTest(seeds = 100)
        void losesAWakeUp(EventLoop loop) {
            var producer = Async.createTask(this::produce, "producer");
            var bystanders =
                    IntStream.range(0, 5)
                            .mapToObj(_ -> Async.createTask(Async::yieldNow, "bystander"))
                            .toList();
            var consumer = Async.createTask(() -> consume(loop), "consumer");
            Async.waitAll(List.of(producer, consumer));
            Async.waitAll(bystanders);
        }

        private void produce() {
            Async.yieldNow();
            items.add("item");
            waiters.forEach(waiter -> waiter.setResult("woken"));
        }

        private void consume(EventLoop loop) {
            Async.yieldNow();
            if (items.isEmpty()) {
                Async.yieldNow();
                var waiter = loop.<String>createFuture();
                waiters.add(waiter);
                waiter.await();
            }
            items.remove();
        }
    }

    /// Starts tasks in the order of identity hash codes.
    static class IdentityOrder {
        @LoopTest(checkDeterminism = true)
        void startsTasksInAnyOrder() {
            var names = new HashMap<Object, String>();
            for (var number = 0; number < 20; number++) {
                names.put(new Object(), "worker " + number);
            }
            var tasks = new ArrayList<Task<?>>();
            names.forEach((_, name) -> tasks.add(Async.createTask(Async::yieldNow, name)));
            Async.waitAll(tasks);
        }
    }

    static class PlainIdentityOrder {
        @LoopTest
        void startsTasksInAnyOrder() {
            new IdentityOrder().startsTasksInAnyOrder();
        }
    }

    static class SameOrder {
        static int runs;

        @LoopTest(checkDeterminism = true, seeds = 3)
        void isTheSame() {
            runs++;
            var tasks =
                    IntStream.range(0, 20)
                            .mapToObj(_ -> Async.createTask(Async::yieldNow))
                            .toList();
            Async.waitAll(tasks);
        }
    }

    static class StaticState {
        static int runs;

        @LoopTest(seeds = 3)
        void failsTheFirstTime() {
            Async.yieldNow();
            assertThat(++runs).isGreaterThan(1);
        }
    }

    static class LastOfMany {
        @LoopTest(seeds = 50, schedule = Schedule.PCT, depth = 2)
        void failsUnderPriorities() {
            var order = new ArrayList<String>();
            var tasks =
                    Stream.of("a", "b")
                            .map(name ->
                                    Async.createTask(
                                            () -> {
                                                for (var turn = 0; turn < 12; turn++) {
                                                    order.add(name);
                                                    Async.yieldNow();
                                                }
                                            },
                                            name))
                            .toList();
            Async.waitAll(tasks);
            assertThat(String.join("", order)).isNotEqualTo("ba".repeat(12));
        }
    }

    /// Fails under every seed, and its thread is interrupted when it runs again.
    static class InterruptedReplay {
        static int runs;

        private final Thread thread = Thread.currentThread();

        @LoopTest(seeds = 2)
        void fails() {
            if (++runs == 2) {
                thread.interrupt();
                EventLoop.current().createFuture().await();
            }
            assertThat(runs).isZero();
        }
    }
}
