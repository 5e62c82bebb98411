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
/// parameters of type [VirtualTimeLoop], [dev.jloop.core.EventLoop] (the same loop),
/// [SimulatedNetwork], [Recorder] and [java.util.Random], seeded so that it gives the same numbers
/// each time. `@BeforeEach` and `@AfterEach` methods run outside the loop, which does not run then.
///
/// **Recording.** With a parameter of type [Recorder] the run is recorded, and a failure names the
/// file under `target/jloop-timelines/` with a picture of it. A failure under rules for fault
/// points, see [VirtualTimeLoop#faults()], also says which points were reached and fired. One on a
/// [SimulatedNetwork] has the hosts, sockets and last packets, see [SimulatedNetwork#describe()],
/// as a suppressed exception.
///
/// **Failures.** The test fails with what its body throws, and otherwise if a failure has reached
/// the loop's exception handler, among them exceptions that nobody has looked at. A test that
/// expects such a failure sets a handler of its own. What reaches it when the test is over already,
/// for instance from a loop that did not stop, fails the next test of the class that is in order,
/// else the class itself, with the name of the test that it comes from.
///
/// **Leaks.** A test that was in order fails if something is left after the `@AfterEach` methods,
/// and is told where it was created (the loop is in debug mode for that, and calls a callback slow
/// after a second):
///
/// - tasks that are still pending, unless they were cancelled;
/// - timers that nobody has cancelled, unless a task that is still pending has set them;
/// - transports, servers and datagram endpoints that were not closed or aborted;
/// - received buffers that were retained and not released, with their size and with where they were
///   retained; a protocol whose `connectionLost` was still to come is let off. Of buffers that the
///   test or its libraries have allocated themselves the loop knows nothing: Netty's own leak
///   detector looks for those;
/// - platform threads that were started meanwhile and do not end within a second: those that are no
///   daemons, those of jloop, and those that coroutines and callbacks have started. Their names and
///   stacks are told; the JVM does not keep who has started them. Where JUnit runs tests in
///   parallel nobody can tell whose thread it is, except that of a callback on the engine
///   `mounted`, and the others are not looked at; `allowThreads`, and `jloop.allowThreads` among
///   JUnit's configuration parameters (prefixes, with commas between them), name those that may
///   stay.
///
/// Background tasks and their timers are no leaks, see
/// [VirtualTimeLoop#background(dev.jloop.core.AsyncRunnable)], nor is what was given to
/// [VirtualTimeLoop#allowLeak(Object)].
///
/// **Real channels** are refused with an [IllegalStateException], and fail the test even if that is
/// caught, unless it says `realSockets = true`, or [VirtualTimeLoop#allowRealChannels()] was called
/// before.
///
/// **Real sleeps.** A coroutine or callback that calls `Thread.sleep` stops all others, and virtual
/// time with them. The test fails and names the frame, unless it says `realSleeps = true`. The loop
/// is looked at every two milliseconds: what is reported is a sleep for certain, but a shorter one
/// may pass unseen. Other threads may sleep, such as those of `Offload`.
///
/// **Seeds.** With `seeds = 200` the test runs under 200 schedules, see
/// [VirtualTimeLoop#seeded(long)], each on a fresh loop and a fresh instance of the test class with
/// its `@BeforeEach` and `@AfterEach` methods. The first seed that fails ends the test; its message
/// names it. `-Djloop.seed=17` runs every test of this kind just once, under the schedule of seed
/// 17. Fields that other JUnit extensions set are set for the first seed only; take such things as
/// parameters. In a class whose life cycle is `PER_CLASS` all seeds share its one instance. An
/// assumption that does not hold ends the run of that seed; the test is aborted if all are.
///
/// **Replay.** A failure under a seed names the options that run it alone, the hash of what has
/// happened among them: `-Dtest='ShopTest#sells' -Djloop.seed=17 -Djloop.trace=0123456789abcdef`.
/// (`-Dtest` is Maven's; elsewhere choose the test in another way.) With `jloop.trace` a run whose
/// [Trace#hash()] is another one fails, even if the test passes, and its message says what that
/// means: the code has changed since, or the run depends on more than its seed. So a bug that is
/// gone is told from a replay that was none. All runs in the JVM are compared, with a seed or
/// without; a test that would run under several seeds is refused. Of a test template the invocation
/// is named too, as in `0123456789abcdef@2`, and no other one is compared.
///
/// **Parameterized and repeated tests.** Beside `@ParameterizedTest`, `@RepeatedTest` or another
/// test template each invocation is a run of its own, and with seeds as many runs as there are
/// seeds, all with the same arguments. The parameters of the loop come after those of the template.
/// JUnit then lists the method once more, as skipped, and warns of two annotations; neither means
/// anything.
///
/// Nested classes work as usual, and tests may run in parallel: each has a loop and a thread of its
/// own.
///
/// **After a failure** under one of several seeds, the test runs again under that seed. If it does
/// not fail again in the same way, with the same [Trace#hash()], the message says so, and where the
/// runs part. Otherwise the kit looks for a shorter way to fail: it leaves out choices of the seed
/// as long as the test still fails, and names those that are needed, with the option that makes
/// just them: `-Djloop.seed=17 -Djloop.schedule=3:1,17:2`. That takes 200 more runs and ten seconds
/// at most, which is the timeout of these runs too; `-Djloop.shrink=50` sets the number of runs,
/// and 0 switches this off. `-Djloop.schedule` takes `random`, `pct`, `pct:4` with a depth,
/// `pct:4:120` with the number of choices that a run is expected to have, and `fifo` as well. With
/// an order by seed, a test that has no seeds runs under seed 1.
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

    /// {@return how far virtual time may go, as an ISO-8601 duration such as `PT24H`; empty for no
    /// limit} See [VirtualTimeLoop#setVirtualLimit(java.time.Duration)].
    String virtualLimit() default "";

    /// {@return whether the test may use real channels, whose input no seed decides; otherwise
    /// their registration fails, and the test with it} Such a test cannot have a [SimulatedNetwork]
    /// injected, which would take the place of the real one.
    boolean realSockets() default false;

    /// {@return whether callbacks and coroutines of the test may sleep in real time}
    boolean realSleeps() default false;

    /// {@return how the names of threads begin that may go on after the test}
    String[] allowThreads() default {};
}
