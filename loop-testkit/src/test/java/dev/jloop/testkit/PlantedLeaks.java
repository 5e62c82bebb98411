package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.executor.Offload;
import dev.jloop.transports.DatagramProtocol;
import dev.jloop.transports.Net;
import dev.jloop.transports.StreamingProtocol;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.AfterEach;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tests that leave something behind, or use what is not there on virtual time. [LeakCheckTest]
/// runs them.
final class PlantedLeaks {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final SocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /// Closed after the tests: a pipe whose other end is closed is none that was forgotten.
    static final List<Pipe.SinkChannel> SINKS = new CopyOnWriteArrayList<>();

    private PlantedLeaks() {}

    private static final class Silent implements StreamingProtocol {
        @Override
        public void dataReceived(ByteBuf data) {
            throw new AssertionError("nobody sends");
        }
    }

    private static final class SilentDatagrams implements DatagramProtocol {
        @Override
        public void datagramReceived(ByteBuf data, SocketAddress sender) {
            throw new AssertionError("nobody sends");
        }
    }

    static class LeakedTask {
        @LoopTest
        void leaks() {
            startTask();
            Async.yieldNow();
        }

        private static void startTask() {
            Async.createTask(() -> Async.sleep(HOUR), "forgotten");
        }
    }

    static class ForgottenMemoryStreams {
        @LoopTest
        void leaks() throws IOException {
            connect();
        }

        private static void connect() throws IOException {
            MemoryStreams.connect();
        }
    }

    static class LeakedTimer {
        @LoopTest
        void leaks(EventLoop loop) {
            setTimer(loop);
        }

        private static void setTimer(EventLoop loop) {
            loop.callLater(HOUR, () -> {});
        }
    }

    static class TimersInOrder {
        @LoopTest
        void cancelled(EventLoop loop) {
            loop.callLater(HOUR, () -> {}).cancel();
        }

        @LoopTest
        void due(EventLoop loop) {
            loop.callLater(HOUR, () -> {});
            Async.sleep(HOUR);
        }

        @LoopTest
        void ofTheBackground(VirtualTimeLoop loop) {
            loop.background(() -> {
                loop.callLater(HOUR, () -> {});
            });
            Async.yieldNow();
        }

        @LoopTest
        void ofATaskThatCleansUp(EventLoop loop) {
            var task =
                    Async.createTask(() -> {
                        try {
                            Async.sleep(HOUR);
                        } finally {
                            var over = loop.<Object>createFuture("over");
                            loop.callLater(HOUR, () -> over.setResult("over"));
                            over.await();
                        }
                    });
            Async.yieldNow();
            task.cancel();
            Async.yieldNow();
        }
    }

    static class LeakedTransport {
        @LoopTest(realSockets = true)
        void leaks() throws IOException {
            var pipe = Pipe.open();
            SINKS.add(pipe.sink());
            open(pipe);
        }

        private static void open(Pipe pipe) throws IOException {
            Net.connectReadPipe(Silent::new, pipe.source());
        }
    }

    static class LeakedServer {
        @LoopTest(realSockets = true)
        void leaks() throws IOException {
            listen();
        }

        private static void listen() throws IOException {
            Net.createServer(Silent::new, ANY_PORT);
        }
    }

    static class LeakedEndpoint {
        @LoopTest(realSockets = true)
        void leaks() throws IOException {
            bind();
        }

        private static void bind() throws IOException {
            Net.createDatagramEndpoint(SilentDatagrams::new, ANY_PORT, null);
        }
    }

    /// A handler of the test's own is for failures, and leaks are none.
    static class LeakedServerBehindAHandler {
        @LoopTest(realSockets = true)
        void leaks(EventLoop loop) throws IOException {
            loop.setExceptionHandler((_, _) -> {});
            Net.createServer(Silent::new, ANY_PORT);
        }
    }

    static class LeakedThread {
        static final CountDownLatch RELEASE = new CountDownLatch(1);

        @LoopTest
        void leaks() {
            start("forgotten-worker");
        }

        static Thread start(String name) {
            return Thread.ofPlatform().name(name).start(LeakedThread::waitForRelease);
        }

        private static void waitForRelease() {
            try {
                RELEASE.await();
            } catch (InterruptedException interrupt) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static class AllAllowed {
        @LoopTest(realSockets = true, allowThreads = "allowed-")
        void leaves(VirtualTimeLoop loop) throws IOException {
            loop.allowLeak(Async.createTask(() -> Async.sleep(HOUR)));
            loop.allowLeak(loop.callLater(HOUR, () -> {}));
            loop.allowLeak(Net.createServer(Silent::new, ANY_PORT));
            loop.allowLeak(
                    Net.createDatagramEndpoint(SilentDatagrams::new, ANY_PORT, null).transport());
            var pipe = Pipe.open();
            SINKS.add(pipe.sink());
            loop.allowLeak(Net.connectReadPipe(Silent::new, pipe.source()).transport());
            loop.allowLeak(LeakedThread.start("one"));
            LeakedThread.start("allowed-two");
            Async.yieldNow();
        }
    }

    static class SeveralLeaks {
        @LoopTest(realSockets = true)
        void leaks(EventLoop loop) throws IOException {
            Net.createServer(Silent::new, ANY_PORT);
            loop.callLater(HOUR, () -> {});
            Async.createTask(() -> Async.sleep(HOUR), "forgotten");
        }
    }

    static class FailedAnyway {
        @LoopTest(realSockets = true)
        void fails() throws IOException {
            Net.createServer(Silent::new, ANY_PORT);
            throw new IllegalStateException("the reason");
        }
    }

    static class RealSocket {
        @LoopTest
        void listens() throws IOException {
            listen();
        }

        static void listen() throws IOException {
            Net.createServer(Silent::new, ANY_PORT);
        }
    }

    static class RealSocketThatIsHidden {
        @LoopTest
        void listens() {
            assertThatThrownBy(RealSocket::listen).hasMessageContaining("real channel");
        }
    }

    static class RealSocketAllowedByTheLoop {
        @LoopTest
        void listens(VirtualTimeLoop loop) throws IOException {
            loop.allowRealChannels();
            Net.createServer(Silent::new, ANY_PORT).close();
        }
    }

    static class RealSleep {
        @LoopTest
        void sleeps() throws InterruptedException {
            Async.sleep(HOUR);
            sleepForReal();
        }

        static void sleepForReal() throws InterruptedException {
            Thread.sleep(300);
        }

        static void sleepQuietly() {
            try {
                sleepForReal();
            } catch (InterruptedException interrupt) {
                throw new AssertionError(interrupt);
            }
        }
    }

    static class RealSleepInATask {
        @LoopTest
        void sleeps() {
            Async.createTask(
                            () -> {
                                TimeUnit.MILLISECONDS.sleep(300);
                            })
                    .await();
        }
    }

    static class RealSleepInACallback {
        @LoopTest
        void sleeps(EventLoop loop) {
            loop.callSoon(RealSleep::sleepQuietly);
            Async.yieldNow();
        }
    }

    static class RealSleepThatIsAllowed {
        @LoopTest(realSleeps = true)
        void sleeps() throws InterruptedException {
            RealSleep.sleepForReal();
        }
    }

    /// Waits that are no sleep of the loop.
    static class RealSleepElsewhere {
        @LoopTest
        void sleeps() {
            Offload.toThread(RealSleep::sleepQuietly);
        }

        @LoopTest
        void blocks() throws InterruptedException {
            var _ = new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS);
        }
    }

    static class PastTheVirtualLimit {
        @LoopTest(virtualLimit = "PT30M")
        void sleeps() {
            try {
                Async.sleep(HOUR);
            } finally {
                Async.sleep(HOUR); // the clean-up has no limit
            }
        }
    }

    static class UpToTheVirtualLimit {
        @LoopTest(virtualLimit = "PT1H")
        void sleeps() {
            Async.sleep(HOUR);
        }

        @AfterEach
        void open(VirtualTimeLoop loop) {
            loop.runReady();
        }
    }

    static class BadVirtualLimit {
        @LoopTest(virtualLimit = "soon")
        void neverRuns() {}
    }
}
