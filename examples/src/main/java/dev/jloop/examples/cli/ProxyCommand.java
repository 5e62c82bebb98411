package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.proxy.ProxyServer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

@Command(
        name = "proxy",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description =
                "Passes TCP connections on to another server until Ctrl-C, with the end of each"
                        + " direction, and in little memory.")
final class ProxyCommand implements Callable<Integer> {
    private static final int LAST_PORT = 65_535;
    private static final Pattern ADDRESS =
            Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):([0-9]{1,5})");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            paramLabel = "HOST:PORT",
            description = "the server to connect with, such as localhost:8080 or [::1]:8080")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String target;

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
            throw usage("--port must be from 0 to " + LAST_PORT + ", was " + port);
        }
        var parts = ADDRESS.matcher(target);
        var targetPort = parts.matches() ? Integer.parseInt(parts.group(3)) : 0;
        if (targetPort < 1 || targetPort > LAST_PORT) {
            throw usage("the server is HOST:PORT, such as 127.0.0.1:8080, not " + target);
        }
        var targetHost = parts.group(1) == null ? parts.group(2) : parts.group(1);
        Async.run(() -> serve(targetHost, targetPort));
        return 0;
    }

    private void serve(String targetHost, int targetPort) throws IOException {
        var out = spec.commandLine().getOut();
        try (var proxy = ProxyServer.start(host, port, targetHost, targetPort)) {
            out.println(
                    "proxy for "
                            + target
                            + " listening on "
                            + host
                            + ":"
                            + proxy.port()
                            + "; Ctrl-C ends it");
            out.flush();
            proxy.serveForever();
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
