package dev.jloop.examples.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// The command line: `jloop demo`, `jloop scrape` and others.
///
/// Exit codes: 0 done, 1 something failed, 2 wrong usage, 70 a bug in jloop, 130 ended by Ctrl-C.
@Command(
        name = "jloop",
        versionProvider = VersionInfo.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows what one event loop on one thread can do.",
        subcommands = {
            DemoCommand.class,
            ScrapeCommand.class,
            EchoCommand.class,
            HttpCommand.class,
            ChatCommand.class,
            ChatLoadCommand.class,
            ProxyCommand.class,
            KvCommand.class,
            CpuCommand.class,
            HelloCommand.class,
            GatherCommand.class,
            DigestCommand.class,
            ThreadsCommand.class,
            DebugCommand.class,
            LoggingLoopCommand.class,
            TailCommand.class,
            TimeCommand.class,
            PsCommand.class,
            PstreeCommand.class,
            ReplCommand.class
        },
        footer = {
            "",
            "And ./jloop bench, which has help of its own, measures it beside others.",
            "",
            "The environment variable JLOOP_OPTS passes options to the JVM, for instance",
            "JLOOP_OPTS=-Djloop.engine=baton for the portable coroutine engine."
        })
public final class Jloop implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /// Runs the command line, and ends the JVM with its exit code.
    ///
    /// @param arguments the command and its options
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /// {@return the command line, ready to execute}
    static CommandLine commandLine() {
        return new CommandLine(new Jloop())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new FailureReport());
    }

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                "Which command? Name one of "
                        + String.join(", ", spec.subcommands().keySet())
                        + ".");
    }
}
