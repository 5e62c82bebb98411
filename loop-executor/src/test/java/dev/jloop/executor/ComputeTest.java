package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.ContextVar;
import dev.jloop.core.Task;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(30)
class ComputeTest {
    private static final ContextVar<String> USER = ContextVar.create("user", "nobody");

    private final CountingLoop loop = new CountingLoop();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        loop.close();
    }

    @Test
    void workThatComputesRunsOnPlatformThreadsOfItsOwn() {
        var thread = loop.runUntilComplete(() -> Offload.compute(Thread::currentThread));

        assertThat(thread.isVirtual()).isFalse();
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.getName()).isEqualTo(loop + "-compute-1");
    }

    @Test
    void asMuchRunsAtATimeAsThereAreProcessors() {
        var processors = Runtime.getRuntime().availableProcessors();
        var running = new CountDownLatch(processors);
        var started = new AtomicInteger();
        loop.runUntilComplete(() -> {
            var tasks = new ArrayList<Task<Integer>>();
            for (var i = 0; i < processors + 1; i++) {
                tasks.add(
                        Async.createTask(() ->
                                Offload.compute(() -> {
                                    var number = started.incrementAndGet();
                                    running.countDown();
                                    release.await();
                                    return number;
                                })));
            }
            Offload.toThread(() -> running.await()); // which blocks, and is not in their way
            assertThat(started).hasValue(processors);
            release.countDown();
            Async.waitAll(tasks);
        });
        assertThat(started).hasValue(processors + 1);
    }

    @Test
    void contextAndTypedFailuresPassAsWithToThread() {
        loop.runUntilComplete(() -> {
            USER.set("alice");
            assertThat(Offload.compute(() -> USER.get())).isEqualTo("alice");
            try {
                var _ =
                        Offload.compute(() -> {
                            if (release.getCount() == 1) {
                                throw new IOException("bad block");
                            }
                            return 1;
                        });
                throw new AssertionError("it did not fail");
            } catch (IOException failure) { // compiles only with the type
                assertThat(failure).hasMessage("bad block");
            }
        });
    }

    @Test
    void aCancelledComputationEndsWhereItAsks() {
        var started = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var task =
                    Async.createTask(() ->
                            Offload.compute(() -> {
                                started.countDown();
                                try {
                                    while (true) {
                                        Offload.checkCancelled();
                                    }
                                } finally {
                                    ended.countDown();
                                }
                            }));
            Offload.toThread(() -> started.await());
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            Offload.toThread(() -> ended.await());
        });
        assertThat(loop.reports()).isEmpty();
    }

    @Test
    void theShutdownOfTheDefaultExecutorWaitsForItToo() {
        var ended = new AtomicInteger();
        loop.runUntilComplete(() -> {
            var _ =
                    Async.createTask(() ->
                            Offload.compute(() -> {
                                release.await();
                                return ended.incrementAndGet();
                            }));
            Async.yieldNow();
            Async.createTask(() -> release.countDown());
            Offload.shutdownDefaultExecutor(Duration.ofMinutes(1));
            assertThat(ended).hasValue(1);
            assertThatThrownBy(() -> Offload.compute(() -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was shut down");
        });
    }
}
