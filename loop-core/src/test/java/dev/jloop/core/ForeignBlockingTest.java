package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// A coroutine that blocks in foreign code stops its whole loop: nothing else may run meanwhile,
/// and when the block ends everything goes on. The blocking is real, and as short as it can be.
class ForeignBlockingTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onRealSelector();

    private final List<String> calls = new ArrayList<>();

    /// Runs `blocking` in a coroutine while another coroutine and a callback are ready to run.
    private void assertNothingElseRunsDuring(AsyncRunnable blocking) {
        kit.run(() -> {
            var blocker =
                    Async.createTask(() -> {
                        kit.loop().callSoon(() -> calls.add("callback"));
                        calls.add("blocks");
                        blocking.run();
                        calls.add("goes on");
                        Async.yieldNow();
                        calls.add("ends");
                    });
            var other =
                    Async.createTask(() -> {
                        calls.add("other coroutine");
                    });
            Async.gather(List.of(blocker, other)).await();
        });
        assertThat(calls)
                .containsExactly("blocks", "goes on", "other coroutine", "callback", "ends");
    }

    @Test
    void threadSleep() {
        assertNothingElseRunsDuring(() -> Thread.sleep(5)); // the blocking itself is tested
    }

    @Test
    void aTimedPark() {
        assertNothingElseRunsDuring(() -> LockSupport.parkNanos(2_000_000));
    }

    @Test
    @SuppressWarnings("ThreadPriorityCheck") // it is the subject
    void threadYieldOfForeignCode() {
        assertNothingElseRunsDuring(() -> {
            for (var i = 0; i < 100; i++) {
                Thread.yield();
            }
        });
    }

    @Test
    void aContendedLock() {
        var lock = new ReentrantLock();
        assertNothingElseRunsDuring(() -> {
            var held = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            Thread.ofPlatform()
                    .start(() -> {
                        lock.lock();
                        try {
                            held.countDown();
                            awaitQueue(lock);
                        } finally {
                            lock.unlock();
                        }
                        release.countDown();
                    });
            held.await();
            lock.lock();
            try {
                assertThat(lock.isHeldByCurrentThread()).isTrue();
            } finally {
                lock.unlock();
            }
            release.await();
        });
    }

    private static void awaitQueue(ReentrantLock lock) {
        while (!lock.hasQueuedThreads()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aContendedMonitor() {
        var monitor = new Object();
        assertNothingElseRunsDuring(() -> {
            var held = new CountDownLatch(1);
            var coroutine = Thread.currentThread();
            Thread.ofPlatform()
                    .start(() -> {
                        synchronized (monitor) {
                            held.countDown();
                            while (coroutine.getState() != Thread.State.BLOCKED) {
                                Thread.onSpinWait();
                            }
                        }
                    });
            held.await();
            synchronized (monitor) {
                assertThat(Thread.holdsLock(monitor)).isTrue();
            }
        });
    }

    @Test
    void objectWait() {
        var monitor = new Object();
        var notified = new boolean[1];
        assertNothingElseRunsDuring(() -> {
            synchronized (monitor) {
                Thread.ofPlatform()
                        .start(() -> {
                            synchronized (monitor) { // entered only when the coroutine waits
                                notified[0] = true;
                                monitor.notifyAll();
                            }
                        });
                while (!notified[0]) {
                    monitor.wait();
                }
            }
        });
    }

    @Test
    void aBlockingSocketRead() {
        assertNothingElseRunsDuring(() -> {
            try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    var client =
                            new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
                    var peer = server.accept()) {
                var coroutine = Thread.currentThread();
                Thread.ofPlatform().start(() -> writeWhenRead(peer, coroutine));
                assertThat(client.getInputStream().read()).isEqualTo(42);
            }
        });
    }

    private static void writeWhenRead(Socket socket, Thread reader) {
        while (reader.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        try {
            socket.getOutputStream().write(42);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    @Test
    void joiningAVirtualThread() {
        assertNothingElseRunsDuring(() -> Thread.ofVirtual().start(Thread::yield).join());
    }

    @Test
    void anInterruptOfABlockedCoroutineReachesTheForeignCode() {
        assertNothingElseRunsDuring(() -> {
            var coroutine = Thread.currentThread();
            try {
                Thread.ofPlatform().start(coroutine::interrupt);
                Thread.sleep(java.time.Duration.ofDays(1));
                calls.add("slept");
            } catch (InterruptedException expected) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
        });
    }

    @Test
    void anInterruptOfTheLoopsThreadDoesNotDisturbABlockedCoroutine() throws InterruptedException {
        var release = new CountDownLatch(1);
        var blocked = new CountDownLatch(1);
        var host =
                Thread.ofPlatform()
                        .start(() ->
                                kit.run(() -> {
                                    blocked.countDown();
                                    release.await();
                                    calls.add(
                                            "went on, interrupted: "
                                                    + Thread.currentThread().isInterrupted());
                                }));
        blocked.await();
        host.interrupt();
        release.countDown();
        host.join();
        assertThat(calls).containsExactly("went on, interrupted: false");
    }

    @Test
    void aCoroutineOfAnotherLoopMayRunMeanwhile() throws InterruptedException {
        var ready = new CountDownLatch(1);
        var otherDone = new CountDownLatch(1);
        var other =
                Thread.ofPlatform()
                        .start(() ->
                                Async.run(() -> {
                                    ready.await();
                                    Async.yieldNow();
                                    otherDone.countDown();
                                }));
        assertNothingElseRunsDuring(() -> {
            ready.countDown();
            otherDone.await();
        });
        other.join();
    }
}
