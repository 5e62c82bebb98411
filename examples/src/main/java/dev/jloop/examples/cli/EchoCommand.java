package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.echo.EchoServer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ListeningPlace place;

    @Override
    public Integer call() {
        Async.run(this::serve);
        return 0;
    }

    private void serve() throws IOException {
        var out = spec.commandLine().getOut();
        try (var server = EchoServer.start(place.host(), place.port())) {
            out.println(
                    "echo server listening on "
                            + place.host()
                            + ":"
                            + server.port()
                            + "; Ctrl-C ends it");
            out.flush();
            server.serveForever();
        }
    }
}
