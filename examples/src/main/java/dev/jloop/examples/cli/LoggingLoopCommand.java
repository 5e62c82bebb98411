package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.core.Runner;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.examples.logging.LoggingLoop;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "logging-loop",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = "Lets two tasks take turns, on a loop that tells of each of its turns.")
final class LoggingLoopCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        try (var runner =
                new Runner(() -> new LoggingLoop(SelectorEventLoop.builder(), out::println))) {
            runner.run(() -> {
                var tick = Async.createTask(() -> count("tick", out));
                var tock = Async.createTask(() -> count("tock", out));
                Async.waitAll(List.of(tick, tock));
            });
        }
        return 0;
    }

    private static void count(String name, PrintWriter out) {
        for (var i = 1; i <= 3; i++) {
            out.println(name + " " + i);
            Async.sleep(Duration.ofMillis(50));
        }
    }
}
