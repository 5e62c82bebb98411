package dev.jloop.examples.cli;

import dev.jloop.core.Async;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.concurrent.Callable;

@Command(
        name = "hello",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = "Says hello, sleeps without holding a thread, and goes on.")
final class HelloCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--pause",
            paramLabel = "TIME",
            defaultValue = "1s",
            converter = DurationConverter.class,
            description = "how long to sleep (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration pause;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        Async.run(() -> {
            out.println("hello ...");
            out.flush();
            Async.sleep(pause);
            out.println("... world");
        });
        return 0;
    }
}
