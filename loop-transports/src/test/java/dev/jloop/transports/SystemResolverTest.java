package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.Task;

import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/// Lookups that end when the test says so, at exact virtual times, and some on real threads.
class SystemResolverTest {
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("192.0.2.1");
    private static final ResolverOptions DEFAULTS = ResolverOptions.DEFAULTS;

    /// Knows every name but those that start with `no-`.
    private static final class Names implements NameService {
        final List<String> asked = new ArrayList<>();

        @Override
        public List<InetAddress> addressesOf(String host) throws UnknownHostException {
            asked.add(host);
            if (host.startsWith("no-")) {
                throw new UnknownHostException(host + ": Name or service not known");
            }
            if (host.startsWith("broken-")) {
                throw new LinkageError("a broken provider");
            }
            return List.of(ADDRESS);
        }

        @Override
        public String nameOf(InetAddress address) throws UnknownHostException {
            asked.add(address.getHostAddress());
            if (!address.equals(ADDRESS)) {
                throw new UnknownHostException("it has none");
            }
            return "example.test";
        }
    }

    /// Threads whose work is done when the test calls it.
    private static final class HandThreads extends AbstractExecutorService {
        final ArrayDeque<Runnable> busy = new ArrayDeque<>();
        boolean atOnce;
        boolean closed;

        @Override
        public void execute(Runnable task) {
            if (closed) {
                throw new RejectedExecutionException("no threads left");
            }
            if (atOnce) {
                task.run();
            } else {
                busy.add(task);
            }
        }

        @Override
        public void shutdown() {
            closed = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            closed = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return closed;
        }

        @Override
        public boolean isTerminated() {
            return closed;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }

    private static final class Kit {
        final TestRun run;
        final Names names = new Names();
        final HandThreads threads = new HandThreads();
        final SystemResolver resolver;

        Kit(TestRun run, ResolverOptions options) {
            this.run = run;
            resolver = new SystemResolver(run.loop, options, names, threads);
        }

        Task<List<InetAddress>> start(String host) {
            return run.loop.createTask(() -> resolver.resolve(host), "resolving " + host);
        }

        long millis() {
            return Duration.ofNanos(run.loop.time()).toMillis();
        }

        /// Lets started tasks and answers take their steps, while no time passes.
        void settle() {
            for (var turn = 0; turn < 5; turn++) {
                Async.yieldNow();
            }
        }
    }

    @FunctionalInterface
    private interface Body {
        void run(Kit kit) throws Exception;
    }

    private static void withKit(ResolverOptions options, Body body) {
        TestRun.run(VirtualTime.newLoop(), run -> body.run(new Kit(run, options)));
    }

    private static void withKit(Body body) {
        withKit(DEFAULTS, body);
    }

    @Test
    void aNameIsLookedUpOnAThread() {
        withKit(kit -> {
            var lookup = kit.start("example.test");
            kit.settle();
            assertThat(lookup.isDone()).isFalse();
            kit.threads.busy.remove().run();
            assertThat(lookup.await()).containsExactly(ADDRESS);
        });
    }

    @Test
    void aLiteralAddressNeedsNoThread() {
        withKit(kit -> {
            assertThat(kit.resolver.resolve("::1")).containsExactly(InetAddress.ofLiteral("::1"));
            assertThat(kit.threads.busy).isEmpty();
        });
    }

    @Test
    void aLookupFailsAtItsDeadlineAndDelaysNobodyElse() {
        withKit(kit -> {
            var stuck = kit.start("stuck.test");
            kit.settle();
            kit.threads.atOnce = true;
            assertThat(kit.resolver.resolve("other.test")).containsExactly(ADDRESS);
            assertThat(kit.millis()).isZero();
            assertThatThrownBy(stuck::await)
                    .cause()
                    .isInstanceOf(ResolverTimeoutException.class)
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage(
                            "cannot resolve host 'stuck.test': no answer within 10 s; check the"
                                    + " name service");
            assertThat(kit.millis()).isEqualTo(10_000);
        });
    }

    @Test
    void lookupsOfOneNameShareOneQuery() {
        withKit(kit -> {
            var first = kit.start("example.test");
            var second = kit.start("Example.TEST");
            var third = kit.start("example.test");
            kit.settle();
            assertThat(kit.threads.busy).hasSize(1);
            second.cancel();
            kit.settle();
            assertThatThrownBy(second::await).isInstanceOf(CancelledError.class);
            kit.threads.busy.remove().run();
            assertThat(first.await()).containsExactly(ADDRESS);
            assertThat(third.await()).containsExactly(ADDRESS);
            assertThat(kit.names.asked).containsExactly("example.test");
        });
    }

    @Test
    void whoJoinsLaterHasADeadlineOfTheirOwn() {
        withKit(kit -> {
            var first = kit.start("stuck.test");
            Async.sleep(Duration.ofSeconds(4));
            var second = kit.start("stuck.test");
            assertThatThrownBy(first::await).hasCauseInstanceOf(ResolverTimeoutException.class);
            assertThat(kit.millis()).isEqualTo(10_000);
            Async.sleep(Duration.ofSeconds(1));
            kit.threads.busy.remove().run();
            assertThat(second.await()).containsExactly(ADDRESS);
            assertThat(kit.names.asked).hasSize(1);
        });
    }

    @Test
    void anAnswerIsRememberedForFiveSeconds() {
        withKit(kit -> {
            kit.threads.atOnce = true;
            kit.resolver.resolve("example.test");
            Async.sleep(Duration.ofMillis(4_999));
            assertThat(kit.resolver.resolve("EXAMPLE.test")).containsExactly(ADDRESS);
            assertThat(kit.names.asked).hasSize(1);
            Async.sleep(Duration.ofMillis(1));
            kit.resolver.resolve("example.test");
            assertThat(kit.names.asked).hasSize(2);
        });
    }

    @Test
    void thatANameIsUnknownIsRememberedForOneSecond() {
        withKit(kit -> {
            kit.threads.atOnce = true;
            for (var second = 0; second < 2; second++) {
                assertThatThrownBy(() -> kit.resolver.resolve("no-such.test"))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessage(
                                "cannot resolve host 'no-such.test': Name or service not known;"
                                        + " check the spelling and the name service");
                Async.sleep(Duration.ofMillis(999));
                assertThatThrownBy(() -> kit.resolver.resolve("no-such.test"))
                        .isInstanceOf(UnknownHostException.class);
                assertThat(kit.names.asked).hasSize(second + 1);
                Async.sleep(Duration.ofMillis(1));
            }
        });
    }

    @Test
    void nothingIsRememberedWhereNothingShallBe() {
        var options = DEFAULTS.withCacheTime(Duration.ZERO).withNegativeCacheTime(Duration.ZERO);
        withKit(
                options,
                kit -> {
                    kit.threads.atOnce = true;
                    for (var host : List.of("example.test", "example.test")) {
                        kit.resolver.resolve(host);
                    }
                    for (var host : List.of("no-such.test", "no-such.test")) {
                        assertThatThrownBy(() -> kit.resolver.resolve(host));
                    }
                    assertThat(kit.names.asked).hasSize(4);
                });
    }

    @Test
    void theOldestAnswersAreForgottenBeforeTheyAreTooMany() {
        withKit(kit -> {
            kit.threads.atOnce = true;
            for (var number = 0; number <= AnswerCache.MAX_ANSWERS; number++) {
                kit.resolver.resolve("host-" + number);
            }
            kit.names.asked.clear();
            kit.resolver.resolve("host-1");
            assertThat(kit.names.asked).isEmpty();
            kit.resolver.resolve("host-0");
            assertThat(kit.names.asked).containsExactly("host-0");
        });
    }

    @Test
    void anAnswerThatComesTooLateServesTheNextOneWhoAsks() {
        withKit(kit -> {
            var lookup = kit.start("slow.test");
            assertThatThrownBy(lookup::await).hasCauseInstanceOf(ResolverTimeoutException.class);
            kit.threads.busy.remove().run();
            kit.settle();
            assertThat(kit.resolver.resolve("slow.test")).containsExactly(ADDRESS);
            assertThat(kit.names.asked).hasSize(1);
        });
    }

    @Test
    void namesThatAreStuckDelayOthersByASecondAtMost() {
        withKit(kit -> {
            var stuck = new ArrayList<Task<?>>();
            for (var number = 0; number < 32; number++) {
                stuck.add(kit.start("stuck-" + number));
            }
            kit.settle();
            assertThat(kit.threads.busy).hasSize(32);
            kit.threads.atOnce = true;
            assertThat(kit.resolver.resolve("other.test")).containsExactly(ADDRESS);
            assertThat(kit.millis()).isEqualTo(1_000);
            assertThat(kit.resolver.resolve("another.test")).containsExactly(ADDRESS);
            assertThat(kit.millis()).isEqualTo(1_000);
            stuck.forEach(Task::cancel);
            kit.settle();
        });
    }

    @Test
    void aThreadThatIsFreeTakesTheNextName() {
        withKit(
                DEFAULTS.withThreads(1),
                kit -> {
                    var first = kit.start("first.test");
                    var second = kit.start("second.test");
                    kit.settle();
                    assertThat(kit.threads.busy).hasSize(1);
                    kit.threads.busy.remove().run();
                    first.await();
                    kit.settle();
                    kit.threads.busy.remove().run();
                    assertThat(second.await()).containsExactly(ADDRESS);
                    assertThat(kit.millis()).isZero();
                });
    }

    @Test
    void whereEverythingIsStuckLookupsFailAtTheirDeadlineAndSayWhy() {
        withKit(
                DEFAULTS.withThreads(1),
                kit -> {
                    var stuck = new ArrayList<Task<?>>();
                    for (var number = 0; number < 4; number++) {
                        stuck.add(kit.start("stuck-" + number));
                    }
                    Async.sleep(Duration.ofSeconds(5));
                    assertThat(kit.threads.busy).hasSize(4);
                    assertThatThrownBy(() -> kit.resolver.resolve("other.test"))
                            .isInstanceOf(ResolverTimeoutException.class)
                            .hasMessage(
                                    "cannot resolve host 'other.test': no thread was free within 10"
                                            + " s, as 4 lookups are stuck, the oldest that of host"
                                            + " 'stuck-0'; check the name service");
                    assertThat(kit.millis()).isEqualTo(15_000);
                    assertThat(kit.threads.busy).hasSize(4);
                    assertThat(stuck).allMatch(Task::isDone);
                    stuck.forEach(Task::exception);
                });
    }

    @Test
    void aCancelledLookupWithoutAThreadIsForgotten() {
        withKit(
                DEFAULTS.withThreads(1),
                kit -> {
                    var first = kit.start("first.test");
                    var second = kit.start("second.test");
                    kit.settle();
                    second.cancel();
                    kit.settle();
                    kit.threads.atOnce = true;
                    kit.threads.busy.remove().run();
                    first.await();
                    Async.sleep(Duration.ofSeconds(2));
                    assertThat(kit.names.asked).containsExactly("first.test");
                    assertThat(kit.resolver.resolve("second.test")).containsExactly(ADDRESS);
                });
    }

    @Test
    void anErrorOnTheThreadReachesWhoWaitsAndIsNotRemembered() {
        withKit(kit -> {
            kit.threads.atOnce = true;
            for (var count = 1; count <= 2; count++) {
                assertThatThrownBy(() -> kit.resolver.resolve("broken-host"))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessageContaining("a broken provider")
                        .hasCauseInstanceOf(LinkageError.class);
                assertThat(kit.names.asked).hasSize(count);
            }
        });
    }

    @Test
    void aThreadThatCannotBeStartedIsAFailureOfTheLookup() {
        withKit(kit -> {
            kit.resolver.close();
            assertThatThrownBy(() -> kit.resolver.resolve("example.test"))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("no threads left");
        });
    }

    @Test
    void namesOfAddressesAreFoundAndRemembered() {
        withKit(kit -> {
            kit.threads.atOnce = true;
            assertThat(kit.resolver.nameOf(ADDRESS)).isEqualTo("example.test");
            assertThat(kit.resolver.nameOf(ADDRESS)).isEqualTo("example.test");
            assertThat(kit.names.asked).containsExactly("192.0.2.1");
            assertThatThrownBy(() -> kit.resolver.nameOf(InetAddress.ofLiteral("192.0.2.2")))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageStartingWith(
                            "cannot find the name of address 192.0.2.2: it has none");
        });
    }

    @Test
    void oneBlockedNameDelaysNoOtherOnRealThreads() throws Exception {
        var blocked = new CountDownLatch(1);
        try (ExecutorService threads = SystemResolver.newThreads()) {
            TestRun.onSockets(run -> {
                var names =
                        new NameService() {
                            @Override
                            public List<InetAddress> addressesOf(String host) {
                                if (host.equals("stuck.test")) {
                                    awaitUninterruptibly(blocked);
                                }
                                return List.of(ADDRESS);
                            }

                            @Override
                            public String nameOf(InetAddress address) {
                                return "example.test";
                            }
                        };
                var resolver = new SystemResolver(run.loop, DEFAULTS, names, threads);
                var stuck = run.loop.createTask(() -> resolver.resolve("stuck.test"), "stuck");
                for (var number = 0; number < 100; number++) {
                    assertThat(resolver.resolve("host-" + number)).containsExactly(ADDRESS);
                }
                assertThat(stuck.isDone()).isFalse();
                stuck.cancel();
                assertThatThrownBy(stuck::await).isInstanceOf(CancelledError.class);
                assertThat(blocked.getCount()).isOne();
            });
            // The answer comes when the loop is closed, and harms nobody.
            blocked.countDown();
        }
    }

    @Test
    void itsThreadsEndWithTheLoop() throws Exception {
        try (var threads = SystemResolver.newThreads()) {
            TestRun.onSockets(run -> {
                run.loop.provideService(
                        Resolver.class,
                        new SystemResolver(run.loop, DEFAULTS, NameService.JDK, threads));
                assertThat(Resolver.of(run.loop).resolve("localhost")).isNotEmpty();
            });
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void theOperatingSystemKnowsThisMachine() {
        TestRun.onSockets(run -> {
            var resolver = Resolver.of(run.loop);
            assertThat(resolver.resolve("localhost"))
                    .isNotEmpty()
                    .allMatch(InetAddress::isLoopbackAddress);
            var loopback = InetAddress.ofLiteral("127.0.0.1");
            assertThat(resolver.nameOf(loopback)).isNotEqualTo("127.0.0.1").isNotBlank();
            assertThat(loopback.toString()).as("it remembers no name").isEqualTo("/127.0.0.1");
        });
    }

    @Test
    void slowLookupsAreLoggedInDebugMode() {
        var logger = (Logger) LoggerFactory.getLogger(Lookups.class);
        var appender = new ListAppender<ILoggingEvent>();
        appender.start();
        logger.addAppender(appender);
        try {
            withKit(kit -> {
                kit.run.loop.setDebug(true);
                kit.threads.atOnce = true;
                kit.resolver.resolve("quick.test");
                assertThat(appender.list).isEmpty();
                kit.threads.atOnce = false;
                var slow = kit.start("slow.test");
                Async.sleep(Duration.ofMillis(1_500));
                kit.threads.busy.remove().run();
                slow.await();
            });
            assertThat(appender.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly("Looking up host 'slow.test' took 1.5 s");
        } finally {
            logger.detachAppender(appender);
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> DEFAULTS.withDeadline(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be more than zero, was PT0S");
        assertThatThrownBy(() -> DEFAULTS.withCacheTime(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("negative: PT-1S");
        assertThatThrownBy(() -> DEFAULTS.withNegativeCacheTime(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DEFAULTS.withThreads(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 thread, was given 0");
    }
}
