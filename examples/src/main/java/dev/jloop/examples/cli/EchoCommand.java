package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.echo.EchoServer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.concurrent.Callable;

@Command(
        name = "echo",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description =
                "Serves an echo over TCP until Ctrl-C: each connection gets back what it sends.")
final class EchoCommand implements Callable<Integer> {
    private static final int LAST_PORT = 65_535;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "N",
            defaultValue = "0",
            description = "the port, or 0 for any free one (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            defaultValue = "127.0.0.1",
            description = "the name or address to listen on (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String host;

    @Override
    public Integer call() {
        if (port < 0 || port > LAST_PORT) {
            throw new ParameterException(
                    spec.commandLine(), "--port must be from 0 to " + LAST_PORT + ", was " + port);
        }
        Async.run(this::serve);
        return 0;
    }

    private void serve() throws IOException {
        var out = spec.commandLine().getOut();
        try (var server = EchoServer.start(host, port)) {
            out.println(
                    "echo server listening on " + host + ":" + server.port() + "; Ctrl-C ends it");
            out.flush();
            server.serveForever();
        }
    }
}
