package dev.jloop.executor;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.TimedOutException;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/// A process of the JDK with streams for its pipes. Signals go by its [ProcessHandle], because
/// [Process#destroy()] closes the pipes too, and what the child says at its end would be lost; the
/// handle also compares when the process was started, so that no other one with its number is met.
final class ChildProcess implements Subprocess {
    /// ```
    /// RUNNING -exit-> EXITED -close-> CLOSED
    /// RUNNING -close-> CLOSING -exit-> CLOSED
    /// ```
    private enum State {
        RUNNING,
        CLOSING,
        EXITED,
        CLOSED
    }

    /// Signals must not wait for others' work that is stuck, as in the default executor, and they
    /// are sent also where the loop is closed meanwhile, or the JVM is about to end.
    private static final Executor SIGNALLER =
            work -> Thread.ofPlatform().name("jloop-signals").daemon(false).start(work);

    private final EventLoop loop;
    private final List<String> command;
    private final ProcessOptions options;
    private final Process process;
    private final EventLoop.OutsideWork outsideWork;
    private final List<LoopFuture<@Nullable Void>> exitWaiters = new ArrayList<>();
    private State state = State.RUNNING;
    private @Nullable StreamConnection stdin;
    private @Nullable StreamConnection stdout;
    private @Nullable StreamConnection stderr;

    /// Whether the end of the child was the end of its input.
    private boolean stdinDropped;

    /// The last one that was asked for.
    private @Nullable LoopFuture<Boolean> treeKill;

    private ChildProcess(
            EventLoop loop, List<String> command, ProcessOptions options, Process process) {
        this.loop = loop;
        this.command = command;
        this.options = options;
        this.process = process;
        outsideWork = loop.beginOutsideWork(describe());
    }

    /// Suspends. Cancelled it leaves no child.
    static ChildProcess start(ProcessOptions options, List<String> command) throws IOException {
        Objects.requireNonNull(options, "options");
        var loop = EventLoop.current();
        if (loop.currentTask() == null) {
            throw new IllegalStateException(
                    "a process is started in a coroutine only, and this is a callback of "
                            + loop
                            + "; start a coroutine with createTask that starts "
                            + CommandText.of(command));
        }
        var process = ChildLaunch.start(options.builder(command), CommandText.of(command));
        var child = new ChildProcess(loop, command, options, process);
        child.watchExit();
        var connected = false;
        try {
            child.connectPipes();
            connected = true;
        } finally {
            if (!connected) {
                child.release();
            }
        }
        // Only now: the newest service is closed first, and so this one before the transports.
        LiveChildren.of(loop).add(child);
        return child;
    }

    /// The work outside ends after the handover, so that no virtual time passes in between.
    private void watchExit() {
        var _ =
                process.onExit()
                        .whenComplete((_, _) -> { // it cannot fail
                            try {
                                Handover.submitUnlessClosed(loop, this::exited);
                            } finally {
                                outsideWork.close();
                            }
                        });
    }

    private void connectPipes() {
        var streams = options.streams();
        var handle = process.toHandle();
        if (options.pipesStdin()) {
            stdin = Streams.connectWritePipe(process.getOutputStream(), streams, handle);
        }
        if (options.pipesStdout()) {
            stdout = Streams.connectReadPipe(process.getInputStream(), streams, handle);
        }
        if (options.pipesStderr()) {
            stderr = Streams.connectReadPipe(process.getErrorStream(), streams, handle);
        }
        if (hasEnded()) { // meanwhile, as short-lived ones do
            dropStdin();
        }
    }

    private void exited() {
        state = state == State.RUNNING ? State.EXITED : State.CLOSED;
        outsideWork.close(); // the thread may not have come to it yet
        LiveChildren.of(loop).remove(this);
        dropStdin();
        for (var waiter : exitWaiters) {
            if (!waiter.isDone()) {
                waiter.setResult(null);
            }
        }
    }

    /// Nobody reads it any more.
    private void dropStdin() {
        if (stdin != null) {
            stdinDropped |= !stdin.writer().transport().isClosedHere();
            stdin.writer().transport().abort();
        }
    }

    /// {@return whether this side has closed the input, before the child did and before its end}
    boolean hasClosedStdin() {
        return stdin().transport().isClosedHere() && !stdinDropped;
    }

    // ---- pipes

    @Override
    public StreamWriter stdin() {
        return pipe(stdin, "stdin", options.describeStdin()).writer();
    }

    @Override
    public StreamReader stdout() {
        return pipe(stdout, "stdout", options.describeStdout()).reader();
    }

    @Override
    public StreamReader stderr() {
        return pipe(stderr, "stderr", options.describeStderr()).reader();
    }

    boolean hasStdin() {
        return stdin != null;
    }

    boolean hasStdout() {
        return stdout != null;
    }

    boolean hasStderr() {
        return stderr != null;
    }

    private StreamConnection pipe(@Nullable StreamConnection pipe, String name, String instead) {
        loop.checkThread("Subprocess." + name);
        if (pipe == null) {
            throw new IllegalStateException(
                    name
                            + " of "
                            + this
                            + " is no pipe, but "
                            + instead
                            + "; see ProcessOptions, with which it was started");
        }
        return pipe;
    }

    // ---- the end

    @Override
    public int waitFor() {
        loop.checkThread("Subprocess.waitFor");
        while (!hasEnded()) {
            LoopFuture<@Nullable Void> waiter = loop.createFuture("the end of " + this);
            exitWaiters.add(waiter);
            try {
                waiter.await();
            } finally {
                exitWaiters.remove(waiter);
            }
        }
        return process.exitValue();
    }

    /// {@return whether it has exited when the time is over} Suspends, unless the time is zero.
    boolean exitsWithin(Duration limit) {
        if (!hasEnded() && limit.isPositive()) {
            try {
                Async.withTimeout(limit, this::waitFor);
            } catch (TimedOutException _) {
                return false;
            }
        }
        return hasEnded();
    }

    /// {@return whether it has exited, and the loop knows}
    boolean hasEnded() {
        return state == State.EXITED || state == State.CLOSED;
    }

    @Override
    public Output communicate(byte @Nullable [] input) throws IOException {
        loop.checkThread("Subprocess.communicate");
        try (var communication = Communication.start(this, input)) {
            communication.awaitEnd();
            return communication.output();
        }
    }

    /// {@return the exit code of a child that has exited}
    int exitCode() {
        return process.exitValue();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        loop.checkThread("Subprocess.close");
        release();
        if (state == State.CLOSING && loop.currentTask() != null) {
            waitFor();
        }
    }

    /// Kills it if it runs, and gives the pipes back. A kill of the whole tree that is under way
    /// does it in any case, and must find it alive: those below a dead one have another parent.
    private void release() {
        state =
                switch (state) {
                    case RUNNING -> {
                        if (treeKill == null || treeKill.isDone()) {
                            kill();
                        }
                        yield State.CLOSING;
                    }
                    case EXITED -> State.CLOSED;
                    case CLOSING, CLOSED -> state;
                };
        Stream.of(stdin, stdout, stderr)
                .filter(pipe -> pipe != null)
                .forEach(pipe -> pipe.writer().transport().abort());
    }

    /// The loop closes, and no turn is left.
    void closeWithLoop() {
        if (state == State.RUNNING) {
            loop.callExceptionHandler(
                    LoopException.of(
                                    loop
                                            + " was closed while "
                                            + this
                                            + " ran, which is killed; close the child before,"
                                            + " or wait for its end",
                                    null)
                            .with("subprocess", this));
        }
        release();
    }

    // ---- signals

    @Override
    public void signal(String name) {
        loop.checkThread("Subprocess.signal");
        switch (Signals.checked(name)) {
            case "TERM" -> terminate();
            case "KILL" -> kill();
            case String other -> {
                if (isAlive()) {
                    var what = "signal " + other + " of " + this;
                    finish(
                            what,
                            offload(
                                    what,
                                    () -> {
                                        Signals.send(process.toHandle(), other);
                                        return true;
                                    }));
                }
            }
        }
    }

    @Override
    public void terminate() {
        process.toHandle().destroy();
    }

    @Override
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    @Override
    public void killTree() {
        loop.checkThread("Subprocess.killTree");
        if (isAlive()) {
            var name = "the kill of " + this + " and those below";
            var killing =
                    offload(
                            name,
                            () -> {
                                ProcessTree.kill(process);
                                return true;
                            });
            treeKill = killing;
            finish(name, killing);
        }
    }

    /// {@return the child and its descendants} Suspends.
    ProcessTree tree() {
        return offload("those below " + this, () -> ProcessTree.below(process)).await();
    }

    private static <T> LoopFuture<T> offload(String name, Callable<T> body) {
        return Offload.runInExecutor(SIGNALLER, body, OffloadOptions.DEFAULTS.withName(name));
    }

    /// Waits for what a cancellation must not take back. Suspends, but not in a callback.
    private void finish(String name, LoopFuture<Boolean> work) {
        if (loop.currentTask() != null) {
            Async.shield(work).await();
            return;
        }
        work.addDoneCallback(_ -> {
            var failure = work.isCancelled() ? null : work.exception();
            if (failure != null) {
                loop.callExceptionHandler(
                        LoopException.of("failed: " + name, failure).with("subprocess", this));
            }
        });
    }

    // ---- description

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public List<String> command() {
        return command;
    }

    @Override
    public String toString() {
        return describe();
    }

    private String describe() {
        return "child process " + process.pid() + " (" + CommandText.of(command) + ")";
    }
}
