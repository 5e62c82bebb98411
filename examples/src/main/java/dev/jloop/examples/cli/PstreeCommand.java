package dev.jloop.examples.cli;

import dev.jloop.core.EventLoopMXBean;
import dev.jloop.examples.inspect.RemoteLoops;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.concurrent.Callable;

@Command(
        name = "pstree",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Shows who waits for whom among the tasks of a JVM that uses jloop.",
            "Below each task stand those it waits for. Cycles are named at the top."
        })
final class PstreeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "PID", description = "the process id of the JVM, as jps prints it")
    private long pid;

    @Option(
            names = {"-j", "--json"},
            description = "the tasks as JSON, in place of the drawing")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        try (var loops = RemoteLoops.attach(pid)) {
            spec.commandLine().getOut().print(json ? json(loops) : text(loops));
            spec.commandLine().getOut().flush();
        }
        return 0;
    }

    private static String text(RemoteLoops loops) throws IOException {
        return String.join("", loops.ask(EventLoopMXBean::taskTree));
    }

    private static String json(RemoteLoops loops) throws IOException {
        return "{\"loops\":[" + String.join(",", loops.ask(EventLoopMXBean::taskTreeJson)) + "]}\n";
    }
}
