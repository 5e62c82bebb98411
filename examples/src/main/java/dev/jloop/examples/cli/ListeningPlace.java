package dev.jloop.examples.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Where to listen: the same options for all commands that serve.
final class ListeningPlace {
    private static final int LAST_PORT = 65_535;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            defaultValue = "127.0.0.1",
            description = "the name or address to listen on (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String host;

    private int port;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "N",
            defaultValue = "0",
            description = "the port, or 0 for any free one (default: ${DEFAULT-VALUE})")
    void listenOn(int number) {
        if (number < 0 || number > LAST_PORT) {
            throw new ParameterException(
                    command.commandLine(),
                    "--port must be from 0 to " + LAST_PORT + ", was " + number);
        }
        port = number;
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }
}
