package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.tail.Tail;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

@Command(
        name = "tail",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Shows the lines of a growing file as they come, each with its time, until Ctrl-C.",
            "With --command it shows those of a program: jloop tail --command -- ping localhost"
        })
final class TailCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-g", "--grep"},
            paramLabel = "REGEX",
            description = "shows only lines in which this is found")
    private @Nullable String pattern;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            defaultValue = "10",
            description = "how many of the lines that are there (default: ${DEFAULT-VALUE})")
    private int lines;

    @Option(names = "--command", description = "runs a program, and does not follow a file")
    private boolean isCommand;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "the file; or the program and its arguments")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<String> words;

    @Override
    public Integer call() {
        if (!isCommand && words.size() > 1) {
            throw usage("name one file, not " + words.size() + "; --command runs a program");
        }
        if (lines < 0) {
            throw usage("--lines must be at least 0, was " + lines);
        }
        var out = spec.commandLine().getOut();
        var tail =
                new Tail(
                        filter(),
                        line -> {
                            out.println(line);
                            out.flush();
                        },
                        InstantSource.system());
        var command = isCommand ? words : Tail.follow(lines, words.getFirst());
        var exitCode = Async.run(() -> tail.run(command));
        if (exitCode != 0) {
            spec.commandLine()
                    .getErr()
                    .println("jloop tail: " + command.getFirst() + " ended with " + exitCode);
        }
        return exitCode == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private Predicate<String> filter() {
        if (pattern == null) {
            return _ -> true;
        }
        try {
            return Pattern.compile(pattern).asPredicate();
        } catch (PatternSyntaxException wrong) {
            throw usage("--grep is no regular expression: " + wrong.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
