package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// The extension as its users see it. What makes a test fail is in [LoopTestExtensionTest].
@Execution(ExecutionMode.CONCURRENT)
class LoopTestUsageTest {
    private final List<String> events = new ArrayList<>();
    private VirtualTimeLoop prepared;

    @BeforeEach
    void prepare(VirtualTimeLoop loop) {
        prepared = loop;
        events.add("prepared");
        assertThat(EventLoop.currentOrNull()).isNull();
    }

    @AfterEach
    void cleanUp(VirtualTimeLoop loop) {
        assertThat(loop).isSameAs(prepared);
        assertThat(loop.isClosed()).isFalse();
        assertThat(EventLoop.currentOrNull()).isNull();
    }

    @LoopTest
    void theBodyIsACoroutineOfTheInjectedLoop(VirtualTimeLoop loop, EventLoop same) {
        assertThat(EventLoop.current()).isSameAs(loop).isSameAs(same).isSameAs(prepared);
        assertThat(Async.currentTask()).isNotNull();
        assertThat(events).isEqualTo(List.of("prepared"));
    }

    @LoopTest
    void timeJumps(VirtualTimeLoop loop) {
        Async.sleep(Duration.ofDays(365));

        assertThat(loop.time()).isEqualTo(Duration.ofDays(365).toNanos());
    }

    @LoopTest
    void theRandomNumbersAreTheSameEachTime(Random random) {
        assertThat(random.nextLong()).isEqualTo(Seeds.ofTest(0).nextLong());
    }

    @LoopTest
    void otherParametersWorkToo(TestInfo info, VirtualTimeLoop loop, @TempDir Path folder) {
        assertThat(info.getTestMethod()).isPresent();
        assertThat(folder).isEmptyDirectory();
        assertThat(loop.seed()).isEmpty();
    }

    @LoopTest
    void drivingTheLoopFromTheBodyIsRefused(VirtualTimeLoop loop) {
        assertThatThrownBy(() -> loop.advance(Duration.ofSeconds(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Async.sleep");
    }

    @LoopTest
    void aBackgroundTaskIsNoLeak(VirtualTimeLoop loop) {
        loop.background(() -> {
            while (true) {
                Async.sleep(Duration.ofSeconds(1));
            }
        });
        Async.sleep(Duration.ofSeconds(10));
    }

    @LoopTest
    void aCancelledTaskIsNoLeak() {
        var task = Async.createTask(() -> Async.sleep(Duration.ofDays(1)));
        Async.yieldNow();
        task.cancel();
    }

    @LoopTest
    void aHandlerOfTheTestsOwnTakesTheFailures(VirtualTimeLoop loop) {
        var reports = new ArrayList<LoopException>();
        loop.setExceptionHandler((_, report) -> reports.add(report));
        loop.callSoon(() -> {
            throw new IllegalStateException("expected");
        });
        Async.yieldNow();

        assertThat(reports).hasSize(1);
    }

    @LoopTest(seeds = 5)
    void eachSeedHasAFreshInstanceAndLoop(VirtualTimeLoop loop, Random random) {
        assertThat(events).isEqualTo(List.of("prepared"));
        assertThat(loop.time()).isZero();
        assertThat(loop.seed()).isPresent();
        assertThat(random.nextInt()).isEqualTo(Seeds.ofTest(loop.seed().getAsLong()).nextInt());
        Async.sleep(Duration.ofSeconds(1));
    }

    @Nested
    class InANestedClass {
        private VirtualTimeLoop seenHere;

        @BeforeEach
        void prepareHere(VirtualTimeLoop loop) {
            seenHere = loop;
            assertThat(prepared).isSameAs(loop);
        }

        @LoopTest
        void theLoopIsTheSameEverywhere(EventLoop loop) {
            assertThat(loop).isSameAs(seenHere).isSameAs(prepared);
        }

        @LoopTest(seeds = 3)
        void severalSeedsHaveFreshOuterInstancesToo(EventLoop loop) {
            assertThat(loop).isSameAs(seenHere).isSameAs(prepared);
            assertThat(events).isEqualTo(List.of("prepared"));
        }
    }
}
