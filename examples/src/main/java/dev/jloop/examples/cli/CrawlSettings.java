package dev.jloop.examples.cli;

import dev.jloop.examples.crawl.CrawlOptions;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.time.Duration;

/// The options that all crawls share.
final class CrawlSettings {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            defaultValue = "200",
            description = "connections open at once (default: ${DEFAULT-VALUE})")
    private int connections;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description =
                    "how long one page may take, such as 500ms, 2.5s or 1m (default:"
                            + " ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration timeout;

    CrawlOptions options() {
        if (connections < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--connections must be at least 1, was " + connections);
        }
        return CrawlOptions.DEFAULTS.withConnections(connections).withTimeout(timeout);
    }
}
