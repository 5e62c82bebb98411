package dev.jloop.transports;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Runner;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.TimerHandle;

import io.netty.buffer.ByteBuf;

import org.slf4j.LoggerFactory;

import java.io.FileInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.atomic.AtomicInteger;

/// An echo server that takes all descriptors of its process when it is told `exhaust` on standard
/// input, gives them back on `relieve`, and then tells what that cost. Ends on `exit`.
public final class ServerWithoutDescriptors {
    private static final org.slf4j.Logger LOG =
            LoggerFactory.getLogger(ServerWithoutDescriptors.class);
    private static final AtomicInteger LOG_LINES = new AtomicInteger();

    /// A loop that spins makes many turns, however little of a busy processor it gets.
    private static final class CountingLoop extends SelectorEventLoop {
        private long turns;

        private CountingLoop() {
            super(SelectorEventLoop.builder());
        }

        @Override
        protected void runOnce() {
            turns++;
            super.runOnce();
        }
    }

    private final CountingLoop loop = (CountingLoop) EventLoop.current();
    private final LoopFuture<Void> exit = loop.createFuture();
    private final List<FileInputStream> files = new ArrayList<>();
    private TimerHandle keeping;
    private long loopCpuBefore;
    private long processCpuBefore;
    private long timeBefore;
    private long turnsBefore;
    private boolean toldWithDescriptor;
    private String told = "nothing";

    /// Runs until it is told `exit`.
    ///
    /// @param arguments none
    public static void main(String[] arguments) {
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        try (var runner = new Runner(CountingLoop::new)) {
            runner.run(() -> new ServerWithoutDescriptors().serve(root));
        }
    }

    private void serve(Logger root) throws IOException {
        var options = ListenOptions.DEFAULTS;
        var server = Net.createServer(Echo::new, ServerFixture.ANY_PORT, options);
        IO.println("port " + ((InetSocketAddress) server.addresses().getFirst()).getPort());
        loop.setExceptionHandler((_, report) -> handle(report));
        countLogLines(root);
        Thread.ofPlatform().daemon().start(this::readCommands);
        exit.await();
        ServerFixture.end(server);
    }

    /// Needs a descriptor, as a handler does that appends to a file of its own.
    private void handle(LoopException report) {
        try (var file = new FileInputStream("/dev/null")) {
            toldWithDescriptor = file.getFD().valid();
        } catch (IOException none) {
            LOG.debug("told without a descriptor", none);
        }
        told = report.message();
        LOG.error(told, report.exception());
    }

    private static void countLogLines(Logger root) {
        var counter =
                new AppenderBase<ILoggingEvent>() {
                    @Override
                    protected void append(ILoggingEvent event) {
                        if (!isForWantOfAClass(event)) {
                            LOG_LINES.incrementAndGet();
                        }
                    }
                };
        counter.setContext(root.getLoggerContext());
        counter.start();
        root.addAppender(counter);
    }

    /// To load a class from a folder, and not from a jar, takes a descriptor.
    private static boolean isForWantOfAClass(ILoggingEvent event) {
        var failure = event.getThrowableProxy();
        return failure != null
                && failure.getClassName().equals(NoClassDefFoundError.class.getName());
    }

    private void readCommands() {
        try (var commands = new Scanner(System.in, UTF_8)) {
            while (commands.hasNextLine()) {
                var command = commands.nextLine();
                loop.execute(() -> obey(command));
            }
        }
    }

    private void obey(String command) {
        switch (command) {
            case "exhaust" -> exhaust();
            case "relieve" -> relieve();
            case "exit" -> exit.setResult(null);
            default -> throw new IllegalArgumentException(command);
        }
    }

    private void exhaust() {
        takeAll();
        loopCpuBefore = loopCpu();
        processCpuBefore = processCpu();
        timeBefore = System.nanoTime();
        turnsBefore = loop.turns;
        IO.println("exhausted");
        keepAll();
    }

    private void takeAll() {
        try {
            while (true) {
                files.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException none) {
            LOG.debug("all descriptors are taken", none);
        }
    }

    /// The JVM itself opens and closes files now and then.
    private void keepAll() {
        keeping = loop.callLater(Duration.ofMillis(50), this::keepAll);
        takeAll();
    }

    private void relieve() {
        var time = System.nanoTime() - timeBefore;
        var loopCpu = loopCpu() - loopCpuBefore;
        var processCpu = processCpu() - processCpuBefore;
        keeping.cancel();
        files.forEach(ServerWithoutDescriptors::close);
        IO.println("relieved");
        IO.println("told with a descriptor " + toldWithDescriptor);
        IO.println("told that " + told);
        IO.println("turns " + (loop.turns - turnsBefore));
        IO.println("loop CPU " + (loopCpuBefore < 0 ? "unknown" : percent(loopCpu, time)));
        IO.println("process CPU " + percent(processCpu, time));
        loop.callLater(Duration.ofMillis(1500), () -> IO.println("log lines " + LOG_LINES.get()));
    }

    private static String percent(long part, long whole) {
        return "%.1f".formatted(100.0 * part / whole);
    }

    private static void close(FileInputStream file) {
        try {
            file.close();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /// Where the loop is hosted in a virtual thread the JDK does not tell.
    private long loopCpu() {
        return Thread.currentThread().isVirtual()
                ? -1
                : ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long processCpu() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /// Sends back what it gets.
    private static final class Echo implements StreamingProtocol {
        private Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(ByteBuf data) {
            transport.write(data.retain());
        }
    }
}
