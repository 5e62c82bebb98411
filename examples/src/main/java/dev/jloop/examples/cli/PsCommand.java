package dev.jloop.examples.cli;

import dev.jloop.examples.inspect.RemoteLoops;
import dev.jloop.examples.inspect.TaskTable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "ps",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Lists the tasks of a JVM that uses jloop.",
            "For each one: its loop, id and name, what it does and since when (milliseconds), what"
                    + " it awaits, which tasks that are, and where in the program it is."
        })
final class PsCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "PID", description = "the process id of the JVM, as jps prints it")
    private long pid;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table or csv (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private TaskTable.Format format;

    @Override
    public Integer call() throws IOException {
        try (var loops = RemoteLoops.attach(pid)) {
            var rows = loops.ask(TaskTable::rows).stream().flatMap(List::stream).toList();
            spec.commandLine().getOut().print(TaskTable.write(rows, format));
            spec.commandLine().getOut().flush();
        }
        return 0;
    }
}
