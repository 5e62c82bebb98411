package dev.jloop.executor;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;

/// How [Subprocesses#run(RunOptions, String...)] runs a program. Immutable; start from [#DEFAULTS].
///
/// @since 0.1
public final class RunOptions {
    /// The default process options, no input, a check of the exit code, no limit of time, 5 seconds
    /// of grace, and the child alone is ended.
    public static final RunOptions DEFAULTS =
            new RunOptions(ProcessOptions.DEFAULTS, null, true, null, Duration.ofSeconds(5), false);

    private final ProcessOptions process;
    private final byte @Nullable [] input;
    private final boolean checks;
    private final @Nullable Duration timeout;
    private final Duration grace;
    private final boolean endsTree;

    private RunOptions(
            ProcessOptions process,
            byte @Nullable [] input,
            boolean checks,
            @Nullable Duration timeout,
            Duration grace,
            boolean endsTree) {
        this.process = process;
        this.input = input;
        this.checks = checks;
        this.timeout = timeout;
        this.grace = grace;
        this.endsTree = endsTree;
    }

    /// {@return these options with others for the start of the child}
    ///
    /// @param value environment, folder, where input and outputs are
    public RunOptions withProcess(ProcessOptions value) {
        return new RunOptions(
                Objects.requireNonNull(value, "options"), input, checks, timeout, grace, endsTree);
    }

    /// {@return these options with an input} Without one the child finds its input at its end.
    ///
    /// @param value all of the input, not to be changed until the run has ended
    public RunOptions withInput(byte[] value) {
        return new RunOptions(
                process, Objects.requireNonNull(value, "input"), checks, timeout, grace, endsTree);
    }

    /// {@return these options with a check that the exit code is 0, or without}
    ///
    /// @param value whether any other code is a [ProcessFailedException]
    public RunOptions withCheck(boolean value) {
        return new RunOptions(process, input, value, timeout, grace, endsTree);
    }

    /// {@return these options with a limit of time, from the start of the child to its end and that
    /// of its outputs}
    ///
    /// @param value more than zero
    /// @throws IllegalArgumentException if it is zero or negative
    public RunOptions withTimeout(Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException("the timeout must be positive, was " + value);
        }
        return new RunOptions(process, input, checks, value, grace, endsTree);
    }

    /// {@return these options with another time of grace, between the request to end and the kill}
    ///
    /// @param value zero kills at once
    /// @throws IllegalArgumentException if it is negative
    public RunOptions withGrace(Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("the time of grace is negative: " + value);
        }
        return new RunOptions(process, input, checks, timeout, value, endsTree);
    }

    /// {@return these options where also what the child has started is ended, or not} That is where
    /// the run is cancelled or its time is over: see [Subprocess#killTree()].
    ///
    /// @param value whether
    public RunOptions withWholeTree(boolean value) {
        return new RunOptions(process, input, checks, timeout, grace, value);
    }

    ProcessOptions process() {
        return process;
    }

    byte @Nullable [] input() {
        return input;
    }

    boolean checks() {
        return checks;
    }

    @Nullable Duration timeout() {
        return timeout;
    }

    Duration grace() {
        return grace;
    }

    boolean endsTree() {
        return endsTree;
    }

    @Override
    public String toString() {
        return "RunOptions["
                + process
                + ", "
                + (input == null ? 0 : input.length)
                + " bytes of input, check="
                + checks
                + ", timeout="
                + timeout
                + ", grace="
                + grace
                + ", wholeTree="
                + endsTree
                + "]";
    }
}
