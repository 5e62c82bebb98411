package dev.jloop.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Where a coroutine can be suspended, and what others see of its stack meanwhile.
abstract class CoroutineStackContract extends EngineFixture {
    @Test
    void aDeepStackSurvivesSuspension() {
        host(() -> {
            var coroutine = coroutine(body -> calls.add("depth " + descend(body, 5_000)));
            resumeToTheEnd(coroutine);
        });
        assertThat(calls).containsExactly("depth 5000");
    }

    private int descend(Body body, int left) {
        if (left == 0) {
            body.suspend();
            return 0;
        }
        if (left % 1000 == 0) {
            body.suspend();
        }
        return descend(body, left - 1) + 1;
    }

    @Test
    void stacksReadByAnotherThreadLoseNoSwitch() throws InterruptedException {
        var read = new AtomicBoolean(true);
        var seen = new AtomicInteger();
        var ready = new CountDownLatch(1);
        var current = new Thread[1];
        var reader =
                Thread.ofPlatform()
                        .unstarted(() -> {
                            while (read.get()) {
                                var thread = current[0];
                                if (thread != null && thread.getStackTrace().length > 0) {
                                    seen.incrementAndGet();
                                }
                                ready.countDown();
                            }
                        });
        var steps = new int[1];
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        while (steps[0] < 50_000 || seen.get() < 2_000) {
                            steps[0]++;
                            body.suspend();
                        }
                    });
            current[0] = coroutine.thread();
            reader.start();
            resumeToTheEnd(coroutine);
        });
        read.set(false);
        reader.join();
        assertThat(steps[0]).isGreaterThanOrEqualTo(50_000);
        assertThat(ready.getCount()).isZero();
    }

    @Test
    void theStackOfASuspendedCoroutineCanBeReadFromOutside() {
        host(() -> {
            var coroutine = coroutine(this::suspendHere);
            coroutine.resume();
            assertThat(coroutine.thread().getStackTrace())
                    .extracting(StackTraceElement::getMethodName)
                    .contains("suspendHere");
            coroutine.resume();
        });
    }

    private void suspendHere(Body body) {
        body.suspend();
    }

    @Test
    void belowReflectionACoroutineSuspends() {
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        CoroutineStackContract.class
                                .getDeclaredMethod("suspendHere", Body.class)
                                .invoke(this, body);
                        calls.add("resumed");
                    });
            coroutine.resume();
            assertThat(calls).isEmpty();
            coroutine.resume();
        });
        assertThat(calls).containsExactly("resumed");
    }

    /// The mounted engine refuses; the baton engine may suspend there. Neither may hang.
    @Test
    void belowANativeFrameACoroutineSuspendsOrIsRefused() {
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        sortNatively(body);
                        body.suspend();
                        calls.add("suspends after it");
                    });
            resumeToTheEnd(coroutine);
        });
        assertThat(calls).hasSize(2).last().isEqualTo("suspends after it");
        assertThat(calls.getFirst()).containsAnyOf("suspended", "cannot await here");
    }

    /// Suspends once in the comparison that the C library calls.
    @SuppressWarnings("restricted") // a native frame is what this is about
    private void sortNatively(Body body) throws Exception {
        var linker = Linker.nativeLinker();
        var pointer = ValueLayout.ADDRESS;
        var qsort =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("qsort"),
                        FunctionDescriptor.ofVoid(
                                pointer, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, pointer));
        var comparison =
                MethodHandles.lookup()
                        .findVirtual(
                                CoroutineStackContract.class,
                                "compare",
                                MethodType.methodType(
                                        int.class,
                                        Body.class,
                                        MemorySegment.class,
                                        MemorySegment.class));
        comparison = MethodHandles.insertArguments(comparison, 0, this, body);
        try (var arena = Arena.ofConfined()) {
            var numbers = arena.allocateFrom(ValueLayout.JAVA_INT, 2, 1);
            var callback =
                    linker.upcallStub(
                            comparison,
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, pointer),
                            arena);
            qsort.invoke(numbers, 2L, 4L, callback);
        } catch (Throwable failure) {
            throw new IllegalStateException(failure);
        }
    }

    @SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // called by the C library
    private int compare(Body body, MemorySegment first, MemorySegment second) {
        try {
            body.suspend();
            calls.add("suspended");
        } catch (IllegalStateException refused) {
            calls.add(refused.getMessage());
        }
        return 0;
    }

    @Test
    void holdingAMonitorACoroutineSuspends() {
        host(() -> {
            var monitor = new Object();
            var coroutine =
                    coroutine(body -> {
                        synchronized (monitor) {
                            body.suspend();
                            calls.add("resumed");
                        }
                    });
            coroutine.resume();
            coroutine.resume();
        });
        assertThat(calls).containsExactly("resumed");
    }

    // Each is loaded by one test and one engine in this JVM only, so it is initialised there.

    private static final ThreadLocal<Body> INITIALISING = new ThreadLocal<>();

    private static final class SuspendsInItsInitialiser {
        static final String OUTCOME = suspend();

        private SuspendsInItsInitialiser() {}

        private static String suspend() {
            try {
                INITIALISING.get().suspend();
                return "suspended";
            } catch (IllegalStateException refused) {
                return refused.getMessage();
            }
        }
    }

    private static final class SuspendsInALambdaOfItsInitialiser {
        static final String OUTCOME;

        static {
            java.util.function.Supplier<String> lambda =
                    () -> {
                        try {
                            INITIALISING.get().suspend();
                            return "suspended";
                        } catch (IllegalStateException refused) {
                            return refused.getMessage();
                        }
                    };
            OUTCOME = lambda.get();
        }

        private SuspendsInALambdaOfItsInitialiser() {}
    }

    @Test
    void aSuspensionInAStaticInitialiserIsRefusedAndTheCoroutineGoesOn() {
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        INITIALISING.set(body);
                        calls.add(SuspendsInItsInitialiser.OUTCOME);
                        body.suspend();
                        calls.add("suspends after it");
                    });
            resumeToTheEnd(coroutine);
        });
        assertRefused("static initialiser");
    }

    @Test
    void aSuspensionInALambdaOfTheClassBeingInitialisedIsRefusedToo() {
        host(() -> {
            var coroutine =
                    coroutine(body -> {
                        INITIALISING.set(body);
                        body.suspend();
                        calls.add(SuspendsInALambdaOfItsInitialiser.OUTCOME);
                        body.suspend();
                        calls.add("suspends after it");
                    });
            resumeToTheEnd(coroutine);
        });
        assertRefused("static initialiser");
    }

    private void assertRefused(String reason) {
        assertThat(calls).hasSize(2).last().isEqualTo("suspends after it");
        assertThat(calls.getFirst()).contains("cannot await here").contains(reason);
    }
}
