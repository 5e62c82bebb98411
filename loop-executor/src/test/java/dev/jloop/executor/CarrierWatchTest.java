package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(30)
class CarrierWatchTest {
    /// Counts what the watch asks for.
    private static final class CountedCarriers implements Carriers {
        private int added;
        private int waiting;
        private int most = Integer.MAX_VALUE;

        @Override
        public boolean change(int difference) {
            if (added + difference > most) {
                return false;
            }
            added += difference;
            return true;
        }

        @Override
        public int waiting() {
            return waiting;
        }
    }

    private final CountedCarriers carriers = new CountedCarriers();
    private final CountingLoop loop = new CountingLoop();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Offload.class);
    private final AtomicBoolean stop = new AtomicBoolean();
    private long nowNanos;
    private final CarrierWatch watch = new CarrierWatch(() -> nowNanos, carriers);

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
    }

    @AfterEach
    void close() {
        stop.set(true);
        logger.detachAppender(log);
        logger.setAdditive(true);
        loop.close();
    }

    private void lookAfter(Duration time) {
        nowNanos += time.toNanos();
        watch.look();
    }

    private void compute(CountDownLatch started) {
        started.countDown();
        while (!stop.get()) {
            Thread.onSpinWait();
        }
    }

    /// Runs `check` while a body is on a virtual thread, watched by a watch of the test's.
    private void whileRunning(Body body, Check check) {
        loop.runUntilComplete(() -> {
            var started = new CountDownLatch(1);
            var call = new AtomicReference<OffloadedCall<?>>();
            var thread = new AtomicReference<Thread>();
            var future =
                    Offload.runInExecutor(
                            () -> {
                                call.set(OffloadedCall.current());
                                thread.set(Thread.currentThread());
                                body.run(started);
                                return 1;
                            },
                            OffloadOptions.DEFAULTS.withName("the body"));
            // on a platform thread, as the body may hold the carriers
            Offload.compute(() -> {
                started.await();
                watch.watch(call.get(), thread.get());
                check.run(call.get());
                stop.set(true);
                thread.get().interrupt();
                return 1;
            });
            future.await();
        });
    }

    @FunctionalInterface
    private interface Body {
        void run(CountDownLatch started) throws Exception;
    }

    @FunctionalInterface
    private interface Check {
        void run(OffloadedCall<?> call);
    }

    @Test
    void aBodyThatComputesGetsTheJvmOneMoreCarrierUntilItEnds() {
        whileRunning(
                this::compute,
                call -> {
                    lookAfter(Duration.ofMillis(20));
                    assertThat(carriers.added).as("seen busy once").isZero();
                    lookAfter(Duration.ofMillis(20));
                    assertThat(carriers.added).isEqualTo(1);
                    carriers.waiting = 3;
                    lookAfter(Duration.ofMillis(20));
                    assertThat(carriers.added).as("also for who waits behind it").isEqualTo(4);
                    carriers.waiting = 0;
                    lookAfter(Duration.ofMillis(20));
                    assertThat(carriers.added).as("as long as any computes").isEqualTo(4);
                    watch.ended(call);
                    lookAfter(Duration.ofMillis(20));
                    assertThat(carriers.added).isZero();
                });
        assertThat(log.list).isEmpty();
    }

    @Test
    void aBodyThatComputesForASecondIsLoggedOnceWithItsStack() {
        whileRunning(
                this::compute,
                _ -> {
                    lookAfter(Duration.ofMillis(20));
                    lookAfter(Duration.ofMillis(999));
                    assertThat(log.list).isEmpty();
                    lookAfter(Duration.ofMillis(1));
                    lookAfter(Duration.ofSeconds(10));
                });
        assertThat(log.list)
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.getLevel()).isEqualTo(Level.WARN);
                    assertThat(line.getFormattedMessage())
                            .contains("the body")
                            .contains("has computed for 1000 ms")
                            .contains("Offload.compute");
                    assertThat(line.getThrowableProxy().getStackTraceElementProxyArray())
                            .anySatisfy(frame ->
                                    assertThat(frame.toString()).contains("CarrierWatchTest"));
                });
    }

    @Test
    void aBodyThatBlocksCostsNothing() {
        whileRunning(
                started -> {
                    started.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException end) {
                        // of the test
                    }
                },
                call -> {
                    while (Thread.State.WAITING != call.workerState()) {
                        Thread.onSpinWait();
                    }
                    for (var i = 0; i < 100; i++) {
                        lookAfter(Duration.ofMillis(20));
                    }
                    assertThat(carriers.added).isZero();
                });
        assertThat(log.list).isEmpty();
    }

    @Test
    void whereTheJvmHasNoMoreCarriersToGiveItAsksAgain() {
        whileRunning(
                this::compute,
                _ -> {
                    carriers.most = 0;
                    lookAfter(Duration.ofMillis(20));
                    lookAfter(Duration.ofMillis(20));
                    assertThat(carriers.added).isZero();
                    carriers.most = 10;
                    lookAfter(Duration.ofMillis(20));
                    assertThat(carriers.added).isEqualTo(1);
                });
    }
}
