package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.LoopException;
import dev.jloop.streams.StreamReader;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Which places debug mode remembers on a virtual loop: those of the user, who may look for them.
class CreationSiteTest {
    /// {@return what a loop in debug mode reports until it is closed}
    private static List<LoopException> reportsOf(Consumer<VirtualTimeLoop> action) {
        var reports = new ArrayList<LoopException>();
        try (var loop = VirtualTimeLoop.create()) {
            loop.setDebug(true);
            loop.setExceptionHandler((_, report) -> reports.add(report));
            action.accept(loop);
            loop.runUntilIdle(Duration.ofHours(1));
        }
        return reports;
    }

    private static void assertSiteIsHere(List<LoopException> reports) {
        assertThat(reports)
                .singleElement()
                .satisfies(report -> {
                    assertThat(report.createdAt()).isPresent();
                    assertThat(CreationSite.describe(report.createdAt().get()).lines().findFirst())
                            .hasValueSatisfying(line ->
                                    assertThat(line)
                                            .contains("created at ")
                                            .contains("CreationSiteTest.lambda"));
                });
    }

    private static RuntimeException failure() {
        return new IllegalStateException("planted");
    }

    private static void fail() {
        throw failure();
    }

    @Test
    void thatOfACallbackOfTheUserIsKept() {
        assertSiteIsHere(reportsOf(loop -> loop.callSoon(() -> fail())));
        assertSiteIsHere(reportsOf(loop -> loop.callSoon(CreationSiteTest::fail)));
    }

    @Test
    void thatOfATimerOfTheUserIsKept() {
        assertSiteIsHere(
                reportsOf(loop -> loop.callLater(Duration.ofMinutes(1), CreationSiteTest::fail)));
    }

    @Test
    void thatOfATaskOfTheUserIsKept() {
        assertSiteIsHere(reportsOf(loop -> loop.createTask(CreationSiteTest::fail)));
    }

    @Test
    void thatOfAFutureOfTheUserIsKeptWhateverItIsFor() {
        assertSiteIsHere(reportsOf(loop -> loop.createFuture().setException(failure())));
        assertSiteIsHere(reportsOf(loop -> loop.createFuture("an order").setException(failure())));
    }

    @Test
    void thoseOfJloopItselfAreNot() {
        var kept = new ArrayList<Boolean>();
        try (var loop = VirtualTimeLoop.create()) {
            Runnable ofTheUser = () -> kept.add(true);
            kept.add(loop.keepsCreationSite(ofTheUser));
            kept.add(loop.keepsCreationSite(new StreamReader(10)));
            loop.runUntilComplete(() -> {
                var task = Async.createTask(() -> Async.sleep(Duration.ofHours(1)));
                Async.yieldNow();
                kept.add(loop.keepsCreationSite(task));
                task.cancel();
            });
        }
        assertThat(kept).containsExactly(true, false, false);
    }

    @Test
    void framesOfEachModuleOfJloopAreNotOfTheUser() {
        for (var name :
                List.of(
                        "dev.jloop.core.EventLoop",
                        "dev.jloop.transports.Net",
                        "dev.jloop.streams.Streams",
                        "dev.jloop.executor.Offload",
                        "dev.jloop.testkit.VirtualTimeLoop")) {
            assertThat(CreationSite.isOfUser(name)).as(name).isFalse();
        }
        assertThat(CreationSite.isOfUser(CreationSiteTest.class.getName())).isTrue();
    }
}
