package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Runner;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

@Timeout(30)
class DefaultExecutorTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final CountingLoop loop = new CountingLoop();
    private final ExecutorService given = Executors.newSingleThreadExecutor();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        given.shutdownNow();
        loop.close();
    }

    private static Thread workerOfDefault() {
        return Offload.toThread(Thread::currentThread);
    }

    @Test
    void afterShutdownTheDefaultIsRefusedAndOtherExecutorsAreNot() {
        loop.runUntilComplete(() -> {
            workerOfDefault();
            Offload.shutdownDefaultExecutor(MINUTE);

            assertThatThrownBy(() -> Offload.runInExecutor(() -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was shut down");
            assertThatThrownBy(() -> Offload.toThread(() -> 1))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> Offload.setDefaultExecutor(given))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(Offload.runInExecutor(given, () -> 1).await()).isEqualTo(1);
        });
    }

    @Test
    void anUnusedDefaultIsShutDownWithoutBeingMade() {
        loop.runUntilComplete(() -> {
            Offload.shutdownDefaultExecutor(MINUTE);
            assertThatThrownBy(() -> Offload.runInExecutor(() -> 1))
                    .isInstanceOf(IllegalStateException.class);
        });
        assertThat(loop.reports()).isEmpty();
    }

    @Test
    void shutdownWaitsForTheWorkWhileTheLoopGoesOn() {
        var events = Collections.synchronizedList(new ArrayList<String>());

        loop.runUntilComplete(() -> {
            var _ =
                    Offload.runInExecutor(() -> {
                        release.await();
                        events.add("work");
                        return 1;
                    });
            Async.createTask(() -> {
                events.add("loop goes on");
                release.countDown();
            });
            Offload.shutdownDefaultExecutor(MINUTE);
            events.add("shut down");
        });

        assertThat(events).isEqualTo(List.of("loop goes on", "work", "shut down"));
        loop.awaitOutsideWork(0);
    }

    @Test
    void shutdownStopsWaitingWhenTheTimeIsOverAndSaysSo() {
        loop.runUntilComplete(() -> {
            var _ = Offload.runInExecutor(() -> release.await());
            Offload.shutdownDefaultExecutor(Duration.ofMillis(1));
        });

        assertThat(loop.reports())
                .singleElement()
                .satisfies(report ->
                        assertThat(report.message())
                                .contains("did not finish its work within PT0.001S"));
    }

    @Test
    void whatIsLeftIsReportedWithItsNameAndWhereItStands() {
        var started = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            Offload.defaultLimiter().changeTotal(1);
            var _ =
                    Offload.runInExecutor(
                            () -> {
                                started.countDown();
                                release.await();
                                return 1;
                            },
                            OffloadOptions.DEFAULTS.withName("slow import"));
            var _ = Offload.runInExecutor(() -> 2, OffloadOptions.DEFAULTS.withName("export"));
            Offload.compute(() -> {
                started.await();
                return 1;
            });
            Offload.shutdownDefaultExecutor(Duration.ofMillis(1));
        });

        assertThat(loop.reports()).hasSize(1);
        var report = loop.reports().getFirst();
        assertThat(report.message())
                .matches(
                        "(?s).*\\n  slow import \\(has run for \\d+ ms, on thread '"
                                + loop
                                + "-worker-1: slow import', at .*DefaultExecutorTest.*\\)"
                                + "\\n  export \\(waits for a token of CapacityLimiter.*\\)");
        assertThat(report.details().get("work")).asInstanceOf(LIST).hasSize(2);
    }

    @Test
    void shutdownWaitsForWorkThatStillWaitsForAToken() {
        var done = Collections.synchronizedList(new ArrayList<Integer>());
        loop.runUntilComplete(() -> {
            Offload.defaultLimiter().changeTotal(1);
            for (var i = 0; i < 5; i++) {
                var number = i;
                var _ = Offload.runInExecutor(() -> done.add(number));
            }
            Offload.shutdownDefaultExecutor(MINUTE);
        });
        assertThat(done).containsExactly(0, 1, 2, 3, 4);
        assertThat(loop.reports()).isEmpty();
    }

    @Test
    void workThatWaitsForATokenWhenTheTimeIsOverRunsAllTheSame() {
        loop.runUntilComplete(() -> {
            Offload.defaultLimiter().changeTotal(1);
            var _ = Offload.runInExecutor(() -> release.await());
            var waiting = Offload.runInExecutor(() -> "waited");
            Offload.shutdownDefaultExecutor(Duration.ZERO);
            release.countDown();
            assertThat(waiting.await()).isEqualTo("waited");
        });
        assertThat(loop.reports()).hasSize(1);
    }

    @Test
    void idlePoolsAreNotReportedHoweverShortTheTimeIs() {
        for (var i = 0; i < 200; i++) {
            var withGiven = i % 2 == 0;
            try (var own = new CountingLoop()) {
                own.runUntilComplete(() -> {
                    if (withGiven) {
                        Offload.setDefaultExecutor(Executors.newFixedThreadPool(2));
                    }
                    workerOfDefault();
                    Offload.compute(() -> 1);
                    Offload.shutdownDefaultExecutor(Duration.ZERO);
                });
                assertThat(own.reports()).isEmpty();
            }
        }
    }

    @Test
    void aShutdownThatIsCancelledIsNoOutsideWorkWhenTheWorkEndsLater() {
        loop.runUntilComplete(() -> {
            var work = Offload.runInExecutor(() -> release.await());
            var shutdown = Async.createTask(() -> Offload.shutdownDefaultExecutor(MINUTE));
            Async.yieldNow();
            shutdown.cancel();
            assertThatThrownBy(shutdown::await).isInstanceOf(CancelledError.class);
            release.countDown();
            work.await();
        });
        loop.awaitOutsideWork(0);
    }

    @Test
    void aShutdownIsOutsideWorkOnceTheLastWorkIsNone() {
        var outsideWork = new ArrayList<Integer>();
        loop.holdAfterSubmission(release);

        loop.runUntilComplete(() -> {
            var last = Offload.runInExecutor(() -> 1);
            last.addDoneCallback(_ -> outsideWork.add(loop.outsideWork()));
            Offload.shutdownDefaultExecutor(MINUTE);
        });

        assertThat(outsideWork).isEqualTo(List.of(1));
        assertThat(loop.outsideWork()).isZero();
    }

    @Test
    void workThatHasEndedIsOutsideWorkOfAShutdownUntilTheLoopHearsOfIt() {
        var outsideWork = new ArrayList<Integer>();
        loop.holdBeforeSubmission(release);

        loop.runUntilComplete(() -> {
            var last = Offload.runInExecutor(() -> 1);
            var shutdown = Async.createTask(() -> Offload.shutdownDefaultExecutor(MINUTE));
            Async.yieldNow();
            loop.submitterHeld().await();
            var _ = last.cancel("nobody wants it");
            last.addDoneCallback(_ -> outsideWork.add(loop.outsideWork()));
            Async.yieldNow();
            release.countDown();
            shutdown.await();
        });

        assertThat(outsideWork).isEqualTo(List.of(1));
        assertThat(loop.outsideWork()).isZero();
    }

    @Test
    void sixtyFourPiecesOfWorkBlockAtATime() {
        var running = new CountDownLatch(64);
        var started = new Semaphore(0);
        loop.runUntilComplete(() -> {
            for (var i = 0; i < 100; i++) {
                var _ =
                        Offload.runInExecutor(() -> {
                            started.release();
                            running.countDown();
                            return release.await(1, TimeUnit.MINUTES);
                        });
            }
            Offload.compute(() -> {
                running.await();
                return 1;
            });
            assertThat(started.availablePermits()).isEqualTo(64);
            assertThat(Offload.defaultLimiter().statistics().waiting()).isEqualTo(36);
            release.countDown();
            Offload.shutdownDefaultExecutor(MINUTE);
        });
        assertThat(started.availablePermits()).isEqualTo(100);
    }

    @Test
    void aNegativeTimeoutIsRefused() {
        loop.runUntilComplete(() -> {
            assertThatThrownBy(() -> Offload.shutdownDefaultExecutor(Duration.ofSeconds(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("PT-1S");
        });
    }

    @Test
    void aCancelledShutdownLeavesNoThreadBehind() {
        loop.runUntilComplete(() -> {
            var _ = Offload.runInExecutor(() -> release.await());
            var shutdown = Async.createTask(() -> Offload.shutdownDefaultExecutor(MINUTE));
            Async.yieldNow();
            var waiting =
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().equals(loop + "-executor-shutdown"))
                            .toList();
            assertThat(waiting).hasSize(1);

            shutdown.cancel();
            assertThatThrownBy(shutdown::await).isInstanceOf(CancelledError.class);

            Offload.runInExecutor(given, () -> waiting.getFirst().join()).await();
        });
        assertThat(loop.outsideWork()).as("the work itself is still on").isEqualTo(1);
    }

    @Test
    void anExecutorThatWasSetIsUsedAndShutDownWithTheLoop() {
        loop.runUntilComplete(() -> {
            var own = workerOfDefault();
            Offload.setDefaultExecutor(given);
            var other = workerOfDefault();
            assertThat(other).isNotSameAs(own);
            assertThat(Offload.runInExecutor(given, Thread::currentThread).await()).isSameAs(other);
        });
        assertThat(given.isShutdown()).isFalse();

        loop.close();

        assertThat(given.isShutdown()).isTrue();
    }

    @Test
    void theDefaultMayUseVirtualThreads() {
        loop.runUntilComplete(() -> {
            Offload.setDefaultExecutor(Executors.newVirtualThreadPerTaskExecutor());
            assertThat(workerOfDefault().isVirtual()).isTrue();
        });
    }

    @Test
    void theThreadOfTheLoopsOwnEndsWhenAnotherExecutorTakesItsPlace() throws InterruptedException {
        var own =
                loop.runUntilComplete(() -> {
                    var worker = workerOfDefault();
                    Offload.setDefaultExecutor(given);
                    return worker;
                });

        own.join();
        assertThat(own.isAlive()).isFalse();
    }

    @Test
    void workThatWaitsForATokenStillRunsWhenAnotherExecutorTakesItsPlace() {
        loop.runUntilComplete(() -> {
            Offload.defaultLimiter().changeTotal(1);
            var running = Offload.runInExecutor(() -> release.await());
            var waiting = Offload.runInExecutor(() -> "waited");
            Offload.setDefaultExecutor(given);
            release.countDown();
            running.await();
            assertThat(waiting.await()).isEqualTo("waited");
        });
    }

    @Test
    void bodiesThatComputeOnAllProcessorsDoNotStopTheLoop() {
        var processors = Runtime.getRuntime().availableProcessors();
        var stop = new AtomicBoolean();
        loop.runUntilComplete(() -> {
            var computing = new ArrayList<LoopFuture<Integer>>();
            for (var i = 0; i < processors + 1; i++) {
                computing.add(
                        Offload.runInExecutor(() -> {
                            while (!stop.get()) {
                                Thread.onSpinWait();
                            }
                            return 1;
                        }));
            }
            for (var i = 0; i < 100; i++) {
                Async.sleep(Duration.ofNanos(1)); // a loop that needed a carrier would not return
            }
            stop.set(true);
            Async.waitAll(computing);
        });
    }

    @Test
    void anExecutorThatWasShutDownCannotBecomeTheDefault() {
        given.shutdown();

        loop.runUntilComplete(() -> {
            assertThatThrownBy(() -> Offload.setDefaultExecutor(given))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was shut down");
        });
    }

    @Test
    void closingTheLoopShutsTheDefaultDownWithoutWaiting() throws InterruptedException {
        var worker =
                loop.runUntilComplete(() -> {
                    var thread = workerOfDefault();
                    var _ = Offload.runInExecutor(() -> release.await());
                    return thread;
                });

        loop.close();

        assertThat(release.getCount()).isEqualTo(1);
        release.countDown();
        worker.join();
    }

    @Test
    void aRunnerWaitsForTheWorkWhenItCloses() {
        var ended = new Semaphore(0);
        var started = new CountDownLatch(1);
        try (var runner = new Runner(CountingLoop::new).handleSignals(false)) {
            runner.run(() -> {
                var _ =
                        Offload.runInExecutor(() -> {
                            started.countDown();
                            release.await();
                            ended.release();
                            return 1;
                        });
                Offload.toThread(() -> started.await());
                runner.loop().onShutdown(release::countDown);
            });
        }

        assertThat(ended.availablePermits()).isEqualTo(1);
    }

    @Test
    void aShutdownHookAddedBeforeTheFirstUseMayStillUseIt() {
        var used = new ArrayList<String>();
        var own = new CountingLoop();
        try (var runner = new Runner(() -> own).handleSignals(false)) {
            runner.run(() -> {
                own.onShutdown(() -> used.add(Offload.toThread(() -> "last words")));
                workerOfDefault();
            });
        }

        assertThat(own.reports()).isEmpty();
        assertThat(used).isEqualTo(List.of("last words"));
    }
}
