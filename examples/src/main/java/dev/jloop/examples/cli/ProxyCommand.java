package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.proxy.ProxyServer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.concurrent.Callable;

@Command(
        name = "proxy",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description =
                "Passes TCP connections on to another server until Ctrl-C, with the end of each"
                        + " direction, and in little memory.")
final class ProxyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            paramLabel = "HOST:PORT",
            converter = HostAndPort.Converter.class,
            description = "the server to connect with, such as localhost:8080 or [::1]:8080")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private HostAndPort target;

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
        try (var proxy =
                ProxyServer.start(place.host(), place.port(), target.host(), target.port())) {
            out.println(
                    "proxy for "
                            + target
                            + " listening on "
                            + place.host()
                            + ":"
                            + proxy.port()
                            + "; Ctrl-C ends it");
            out.flush();
            proxy.serveForever();
        }
    }
}
