package dev.jloop.executor;

import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// One program from its start to its end, whatever ends it.
final class ProcessRun {
    /// For what is still in the pipes after the end of the child.
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final RunOptions options;
    private final ChildProcess child;
    private final Communication communication;

    private ProcessRun(RunOptions options, ChildProcess child, Communication communication) {
        this.options = options;
        this.child = child;
        this.communication = communication;
    }

    static Subprocess.Output run(RunOptions options, List<String> command) throws IOException {
        var input = options.input();
        if (input != null && input.length > 0 && !options.process().pipesStdin()) {
            throw new IllegalStateException(
                    "there are "
                            + input.length
                            + " bytes of input, but stdin is no pipe: "
                            + options.process());
        }
        try (var child = ChildProcess.start(options.process(), command);
                var communication = Communication.start(child, input)) {
            var output = new ProcessRun(options, child, communication).finish();
            if (options.checks() && output.exitCode() != 0) {
                throw new ProcessFailedException(command, output);
            }
            return output;
        }
    }

    private Subprocess.Output finish() throws IOException {
        var timeout = options.timeout();
        var finished = false;
        try {
            finished = endsWithin(timeout);
        } finally {
            if (!finished) {
                end(); // cancelled, or the time is over
            }
        }
        if (!finished && timeout != null) {
            throw new ProcessTimeoutException(child.command(), timeout, communication.output());
        }
        return communication.output();
    }

    /// {@return whether child and outputs end in time; null means without a limit}
    private boolean endsWithin(@Nullable Duration timeout) throws IOException {
        var limit = timeout == null ? Timeout.none() : Timeout.after(timeout);
        try {
            limit.run(communication::awaitEnd);
            return true;
        } catch (TimedOutException _) {
            return false;
        }
    }

    /// Asks it to end, and kills it when it takes too long. Meanwhile its outputs are read on: it
    /// may have something to say, and could not end with a full pipe. Cancelled it kills at once.
    private void end() throws IOException {
        if (options.endsTree()) {
            endTree();
        } else {
            child.terminate();
            if (!child.exitsWithin(options.grace())) {
                child.kill();
            }
        }
        child.waitFor();
        endsWithin(LAST_WORDS); // another process may hold the pipes
    }

    private void endTree() {
        var tree = findTree();
        tree.terminate();
        try {
            var _ = child.exitsWithin(options.grace());
        } finally {
            tree.kill(); // those below may be slower than the child
        }
    }

    /// Cancelled it kills at once, as those below would not be found after the child has gone.
    private ProcessTree findTree() {
        var found = false;
        try {
            var tree = child.tree();
            found = true;
            return tree;
        } finally {
            if (!found) {
                child.killTree();
            }
        }
    }
}
