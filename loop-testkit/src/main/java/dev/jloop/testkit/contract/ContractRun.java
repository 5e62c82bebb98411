package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.Task;
import dev.jloop.core.TaskTree;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/// One test of a contract: a coroutine on a loop of its own, and what has to be in order after it.
///
/// The loop runs on a thread of its own, so that a test ends even where the code under test never
/// gives the loop back.
final class ContractRun {
    private static final String LINE = System.lineSeparator();

    /// How long a loop may take to stop that hangs.
    private static final Duration LAST_CHANCE = Duration.ofSeconds(1);

    /// The body of a test.
    @FunctionalInterface
    interface Body {
        void run(ContractRun run) throws Exception;
    }

    private final EventLoop loop;

    /// Also seen from the thread of the test, when the one of the loop is stuck.
    private final List<LoopException> reports = new CopyOnWriteArrayList<>();

    private final List<RecordingProtocol> protocols = new ArrayList<>();
    private final List<ByteBuf> buffers = new ArrayList<>();
    private @Nullable Task<?> main;

    private ContractRun(EventLoop loop) {
        this.loop = loop;
        loop.setExceptionHandler((_, report) -> reports.add(report));
    }

    /// Runs a body on a new loop, closes the loop, and checks what is left.
    ///
    /// @param safetyNet real time, after which the test fails
    static void run(Supplier<? extends EventLoop> newLoop, Duration safetyNet, Body body) {
        var started = new AtomicReference<@Nullable ContractRun>();
        var thrown = new AtomicReference<@Nullable Throwable>();
        var thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("contract-test")
                        .start(() -> {
                            try {
                                var run = new ContractRun(checked(newLoop.get()));
                                started.set(run);
                                run.go(body);
                            } catch (Throwable failure) {
                                thrown.set(failure); // thrown below, on the thread of the test
                            }
                        });
        try {
            if (!thread.join(safetyNet)) {
                throw hanging(started.get(), thread, safetyNet, thrown);
            }
        } catch (InterruptedException interrupt) {
            var run = started.get();
            if (run != null) {
                run.stop("the test was interrupted");
            }
            Thread.currentThread().interrupt();
            throw new AssertionError("the test was interrupted", interrupt);
        }
        rethrow(thrown.get());
    }

    private static EventLoop checked(@Nullable EventLoop loop) {
        if (loop == null || loop.isClosed() || loop.isRunning()) {
            throw new IllegalStateException(
                    "newLoop() must make a new loop for each call, open and not running, and"
                            + " returned "
                            + loop);
        }
        return loop;
    }

    private static AssertionError hanging(
            @Nullable ContractRun run,
            Thread thread,
            Duration safetyNet,
            AtomicReference<@Nullable Throwable> thrown)
            throws InterruptedException {
        var text = new StringBuilder("the test hangs: it was not done after " + safetyNet);
        if (run == null) {
            text.append(", in newLoop()");
        } else {
            text.append(LINE).append(TaskTree.capture(run.loop).text());
        }
        text.append(LINE).append("its thread:");
        for (var frame : thread.getStackTrace()) {
            text.append(LINE).append("    at ").append(frame);
        }
        if (run != null) {
            run.stop("the test hangs");
        }
        var stopped = thread.join(LAST_CHANCE);
        if (!stopped) {
            text.append(LINE).append("Its loop does not stop, and goes on by itself.");
        }
        var failure = new AssertionError(text.toString());
        // The reason may be there; once the thread has ended its failure has the reports.
        var more = stopped || run == null ? thrown.get() : run.unexpectedReports();
        if (more != null) {
            failure.addSuppressed(more);
        }
        return failure;
    }

    private void stop(String reason) {
        try {
            loop.callSoonThreadsafe(() -> {
                if (main != null) {
                    main.cancel(reason);
                }
            });
        } catch (IllegalStateException closedMeanwhile) {
            // It has stopped by itself.
        }
    }

    private static void rethrow(@Nullable Throwable failure) {
        switch (failure) {
            case null -> {}
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> throw new AssertionError("the test failed: " + failure, failure);
        }
    }

    private void go(Body body) throws Exception {
        try {
            try (loop) {
                loop.runUntilComplete(() -> {
                    main = loop.currentTask();
                    body.run(this);
                });
            }
        } catch (Throwable failure) {
            var reported = unexpectedReports();
            if (reported != null) {
                failure.addSuppressed(reported);
            }
            throw failure;
        }
        var reported = unexpectedReports();
        if (reported != null) {
            throw reported;
        }
        protocols.forEach(RecordingProtocol::checkOrder);
        checkBuffers();
    }

    private @Nullable AssertionError unexpectedReports() {
        if (reports.isEmpty()) {
            return null;
        }
        var text = new StringBuilder("the loop reported what the test did not expect:");
        reports.forEach(report -> text.append(LINE).append("    ").append(report));
        var failure = new AssertionError(text.toString());
        reports.stream()
                .map(LoopException::exception)
                .filter(exception -> exception != null)
                .forEach(failure::addSuppressed);
        return failure;
    }

    private void checkBuffers() {
        var kept = buffers.stream().filter(buffer -> buffer.refCnt() != 0).toList();
        if (!kept.isEmpty()) {
            throw new AssertionError(
                    kept.size()
                            + " of "
                            + buffers.size()
                            + " buffers that were handed to write(ByteBuf) were never released: "
                            + kept);
        }
    }

    EventLoop loop() {
        return loop;
    }

    /// Aborts each of some transports, whatever happens to the others.
    ///
    /// @param failure takes what aborting fails with; without one that is thrown
    static void abort(@Nullable Throwable failure, Transport... transports) {
        var main = failure;
        for (var transport : transports) {
            try {
                transport.abort();
            } catch (Throwable abortFailed) {
                if (main == null) {
                    main = abortFailed;
                } else {
                    main.addSuppressed(abortFailed);
                }
            }
        }
        if (failure == null) {
            rethrow(main);
        }
    }

    /// Checks the order of the events of a protocol when all is over.
    void watch(RecordingProtocol protocol) {
        protocols.add(protocol);
    }

    /// {@return a buffer to be given to a transport, which has to release it by the end}
    ByteBuf buffer(byte[] content) {
        var buffer = Unpooled.directBuffer(Math.max(1, content.length)).writeBytes(content);
        buffers.add(buffer);
        return buffer;
    }

    /// {@return the reports so far, which the test expects}
    List<LoopException> takeReports() {
        var taken = List.copyOf(reports);
        reports.clear();
        return taken;
    }
}
