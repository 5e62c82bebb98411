package dev.jloop.executor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// The start of one process, which blocks and so runs on a thread, while the coroutine that wants
/// the process may be cancelled: whoever comes second sees to it that none is left.
final class ChildLaunch {
    /// STARTING -the thread has it-> STARTED; STARTING, STARTED -nobody wants it-> ABANDONED
    private enum State {
        STARTING,
        STARTED,
        ABANDONED
    }

    private final ProcessBuilder builder;

    // ---- guarded by this

    private State state = State.STARTING;
    private @Nullable Process process;

    private ChildLaunch(ProcessBuilder builder) {
        this.builder = builder;
    }

    /// Starts a process. Suspends. Cancelled it leaves none.
    static Process start(ProcessBuilder builder, String name) throws IOException {
        var launch = new ChildLaunch(builder);
        var taken = false;
        try {
            var started =
                    Offload.toThread(
                            () -> launch.run(),
                            OffloadOptions.DEFAULTS.withName("the start of " + name));
            taken = true;
            return started;
        } finally {
            if (!taken) {
                launch.abandon();
            }
        }
    }

    /// On the thread.
    private Process run() throws IOException {
        var started = startProcess();
        if (!tryHandOver(started)) {
            end(started);
        }
        return started;
    }

    /// The system has the same words for a program and a folder that is missing.
    private Process startProcess() throws IOException {
        try {
            return builder.start();
        } catch (IOException failure) {
            var folder = builder.directory();
            if (folder != null && !folder.isDirectory()) {
                throw new IOException(
                        "cannot run "
                                + CommandText.of(builder.command())
                                + ": its working folder "
                                + folder
                                + (folder.exists() ? " is no folder" : " does not exist"),
                        failure);
            }
            throw failure;
        }
    }

    private synchronized boolean tryHandOver(Process started) {
        if (state == State.ABANDONED) {
            return false;
        }
        process = started;
        state = State.STARTED;
        return true;
    }

    private void abandon() {
        var started = takeBack();
        if (started != null) {
            end(started);
        }
    }

    private synchronized @Nullable Process takeBack() {
        state = State.ABANDONED;
        return process;
    }

    /// The JDK reaps it. It closes the streams with this, which nobody reads yet.
    private static void end(Process started) {
        started.destroyForcibly();
    }
}
