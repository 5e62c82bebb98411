package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.core.Runner;
import dev.jloop.core.SelectorEventLoop;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

@Command(
        name = "debug",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Does what a coroutine should not do, in debug mode: it blocks, and it drops a task"
                    + " that fails. Both are reported on standard error.",
            "Without the debug mode less is told: see --off."
        })
final class DebugCommand implements Callable<Integer> {
    private static final Duration BLOCKED = Duration.ofMillis(500);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--off", description = "does the same without the debug mode")
    private boolean off;

    @Override
    public Integer call() {
        try (var runner = new Runner(() -> SelectorEventLoop.builder().debug(!off).build())) {
            runner.run(this::main);
        }
        return 0;
    }

    private void main() {
        var out = spec.commandLine().getOut();
        var slow = Async.createTask(DebugCommand::block, "the slow one");
        var _ = Async.createTask(DebugCommand::fail, "the dropped one");
        slow.await();
        out.println("the slow one is done; nobody asks for the dropped one");
    }

    /// Stands for a call that blocks, such as one of JDBC: it belongs into `Offload.toThread`.
    private static void block() {
        var end = System.nanoTime() + BLOCKED.toNanos();
        for (var left = BLOCKED.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void fail() {
        throw new IllegalStateException("not consumed");
    }
}
