package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.kv.KvDemo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

@Command(
        name = "kv",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Runs a replicated key-value store on loopback, all nodes on one thread.",
            "Kills the leader while a client writes, starts it again, and tells what happens."
                    + " Exits with 0 only if nothing is lost and nothing was done twice. The"
                    + " store is an exercise, not a database."
        })
final class KvCommand implements Callable<Integer> {
    private static final int FEWEST_NODES = 3;
    private static final int MOST_NODES = 15;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-n", "--nodes"},
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "how many nodes, from "
                            + FEWEST_NODES
                            + " to "
                            + MOST_NODES
                            + " (default: ${DEFAULT-VALUE})")
    private int nodes;

    @Override
    public Integer call() {
        if (nodes < FEWEST_NODES || nodes > MOST_NODES) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--nodes must be from "
                            + FEWEST_NODES
                            + " to "
                            + MOST_NODES
                            + ", was "
                            + nodes);
        }
        return Async.run(() -> KvDemo.run(nodes, spec.commandLine().getOut())) ? 0 : 1;
    }
}
