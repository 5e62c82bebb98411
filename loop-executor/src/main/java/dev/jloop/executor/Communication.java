package dev.jloop.executor;

import dev.jloop.core.Async;
import dev.jloop.core.Task;
import dev.jloop.streams.StreamReader;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Writes the input of a child and reads its outputs, all at the same time, or they would wait for
/// each other. To be closed, which ends what still runs.
final class Communication implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Communication.class);
    private static final int MOST_AT_A_TIME = 64 * 1024;

    private final ChildProcess child;
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final List<Task<?>> reading = new ArrayList<>();
    private @Nullable Task<?> writing;

    private Communication(ChildProcess child) {
        this.child = child;
    }

    static Communication start(ChildProcess child, byte @Nullable [] input) {
        if (input != null && input.length > 0) {
            checkTakesInput(child, input.length);
        }
        var communication = new Communication(child);
        communication.startTasks(input);
        return communication;
    }

    /// A child that has closed its input is no failure, but whoever has closed it here and has more
    /// would lose that.
    private static void checkTakesInput(ChildProcess child, int length) {
        if (child.hasClosedStdin()) {
            throw new IllegalStateException(
                    "there are "
                            + length
                            + " bytes of input for "
                            + child
                            + ", but its stdin was closed before; give it all of the input at once,"
                            + " or communicate(null)");
        }
    }

    private void startTasks(byte @Nullable [] input) {
        if (child.hasStdin()) {
            writing = Async.createTask(() -> write(input), "input of " + child);
        }
        if (child.hasStdout()) {
            reading.add(Async.createTask(() -> read(child.stdout(), stdout), "output of " + child));
        }
        if (child.hasStderr()) {
            reading.add(Async.createTask(() -> read(child.stderr(), stderr), "errors of " + child));
        }
    }

    /// A child that does not want all of its input is no failure. Cancelled it leaves the input
    /// open, or the child would take a part for all of it.
    private void write(byte @Nullable [] input) {
        var writer = child.stdin();
        try {
            if (input != null && input.length > 0) {
                writer.write(input);
            }
        } catch (IOException broken) {
            LOG.debug("{} did not read all of its input", child, broken);
        }
        writer.close();
    }

    private static void read(StreamReader reader, ByteArrayOutputStream into) throws IOException {
        while (true) {
            var bytes = reader.read(MOST_AT_A_TIME);
            if (bytes.length == 0) {
                return;
            }
            into.writeBytes(bytes);
        }
    }

    /// Suspends until the outputs and the child have ended. What the child did not read then,
    /// nobody will.
    void awaitEnd() throws IOException {
        awaitOutputs();
        child.waitFor();
    }

    /// Suspends until the outputs have ended. Cancelled it lets the reading go on.
    void awaitOutputs() throws IOException {
        if (reading.isEmpty()) {
            return;
        }
        for (var task : Async.waitFirstException(reading).done()) {
            throwFailure(task.exception());
        }
    }

    private static void throwFailure(@Nullable Throwable failure) throws IOException {
        switch (failure) {
            case null -> {}
            case IOException broken -> throw broken;
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            case Throwable checked -> throw new IOException(checked);
        }
    }

    /// {@return what was read until now, of a child that has exited}
    Subprocess.Output output() {
        return new Subprocess.Output(child.exitCode(), stdout.toByteArray(), stderr.toByteArray());
    }

    @Override
    public void close() {
        if (writing != null) {
            writing.cancel("the communication has ended");
        }
        for (var task : reading) {
            if (!task.cancel("the communication has ended") && !task.isCancelled()) {
                var _ = task.exception(); // the first one was thrown
            }
        }
    }
}
