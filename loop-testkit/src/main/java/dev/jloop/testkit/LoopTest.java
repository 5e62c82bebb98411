package dev.jloop.testkit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a test method whose body is the main coroutine of a fresh [VirtualTimeLoop], on which time
/// jumps to the next deadline when nothing is ready. Takes the place of JUnit's `@Test`.
///
/// ```java
/// @LoopTest
/// void retriesAfterAMinute(VirtualTimeLoop loop) throws IOException {
///     var client = new Client(flakyServer);
///     client.fetch();                                   // suspends
///     assertThat(loop.time()).isEqualTo(Duration.ofMinutes(1).toNanos());
/// }
/// ```
///
/// **Parameters.** The test method and the `@BeforeEach` and `@AfterEach` methods may have
/// parameters of type [VirtualTimeLoop], [dev.jloop.core.EventLoop] (the same loop) and
/// [java.util.Random], seeded so that it gives the same numbers each time. `@BeforeEach` and
/// `@AfterEach` methods run outside the loop, which does not run then.
///
/// **Failures.** The test fails with what its body throws, and otherwise if a task is still pending
/// after the `@AfterEach` methods (unless it belongs to the background, see
/// [VirtualTimeLoop#background(dev.jloop.core.AsyncRunnable)], or was cancelled), and if a failure
/// has reached the loop's exception handler, among them exceptions that nobody has looked at. A
/// test that expects such a failure sets a handler of its own.
///
/// **Seeds.** With `seeds = 200` the test runs under 200 schedules, see
/// [VirtualTimeLoop#seeded(long)], each on a fresh loop and a fresh instance of the test class with
/// its `@BeforeEach` and `@AfterEach` methods. The first seed that fails ends the test; its message
/// names it. `-Djloop.seed=17` runs every test of this kind just once, under the schedule of seed
/// 17. Fields that other JUnit extensions set are set for the first seed only; take such things as
/// parameters.
///
/// **After a failure** under one of several seeds, the test runs again under that seed. If it does
/// not fail again in the same way, with the same [Trace#hash()], the message says so, and where the
/// runs part. Otherwise the kit looks for a shorter way to fail: it leaves out choices of the seed
/// as long as the test still fails, and names those that are needed, with the option that makes
/// just them: `-Djloop.seed=17 -Djloop.schedule=3:1,17:2`. That takes 200 more runs and ten seconds
/// at most; `-Djloop.shrink=50` sets the number of runs, and 0 switches this off.
/// `-Djloop.schedule` takes `random`, `pct`, `pct:4` with a depth, `pct:4:120` with the number of
/// choices that a run is expected to have, and `fifo` as well.
///
/// @since 0.1
@Test
@ExtendWith(LoopTestExtension.class)
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface LoopTest {
    /// {@return under how many seeded schedules the test runs, the seeds being 1, 2 and so on; with
    /// one, it runs once and in order, first in, first out}
    int seeds() default 1;

    /// {@return after how many milliseconds of real time one run of the body fails, with a list of
    /// its tasks; at least 1}
    long timeoutMillis() default 30_000;

    /// {@return how a seed decides what runs first; without seeds, nothing}
    Schedule schedule() default Schedule.RANDOM;

    /// {@return of how many orders between steps a bug may depend that [Schedule#PCT] looks for,
    /// from 1 to 100: it makes one less change to the priorities in a run}
    int depth() default 3;

    /// {@return whether each run is made twice, which fails the test if the two differ in what
    /// happened: see [VirtualTimeLoop#trace()]} `-Djloop.checkDeterminism=true` does so for all
    /// tests.
    boolean checkDeterminism() default false;
}
