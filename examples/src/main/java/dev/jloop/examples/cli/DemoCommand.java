package dev.jloop.examples.cli;

import dev.jloop.core.Runner;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.examples.crawl.LoopMeter;
import dev.jloop.examples.site.DelayRange;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.concurrent.Callable;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Serves a small web site about this JDK and crawls it, on one thread.",
            "Each answer waits a little, as those of far-away servers do. Exits with 0 only if"
                    + " every page came and every byte count matches what the server sent."
        })
final class DemoCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CrawlSettings settings;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "target/demo.svg",
            description = "where to draw the timeline (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path output;

    @Option(
            names = {"-d", "--delay"},
            paramLabel = "FROM-TO",
            defaultValue = "20-300",
            converter = DelayRangeConverter.class,
            description =
                    "how many milliseconds the server waits before it answers (default:"
                            + " ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private DelayRange delays;

    @Override
    public Integer call() {
        var options = settings.options().withFollowLinks(true);
        var meter = new LoopMeter();
        var demo =
                new Demo(
                        options,
                        delays,
                        output,
                        meter,
                        Terminal.detect(),
                        spec.commandLine().getOut());
        try (var runner = new Runner(() -> SelectorEventLoop.builder().observer(meter).build())) {
            return runner.run(demo::run);
        }
    }
}
