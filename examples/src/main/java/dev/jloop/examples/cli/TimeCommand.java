package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.time.TimeClient;
import dev.jloop.examples.time.TimeServer;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;

@Command(
        name = "time",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Tells the time over UDP until Ctrl-C.",
            "With --ask it asks such a server, and compares the clocks."
        })
final class TimeCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int ATTEMPTS = 3;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ListeningPlace place;

    @Option(
            names = "--ask",
            paramLabel = "HOST:PORT",
            converter = HostAndPort.Converter.class,
            description = "asks this server")
    private @Nullable HostAndPort asked;

    @Override
    public Integer call() {
        if (asked == null) {
            Async.run(this::serve);
        } else {
            var server = asked;
            Async.run(() -> ask(server));
        }
        return 0;
    }

    private void serve() throws IOException {
        try (var server = TimeServer.start(place.host(), place.port(), InstantSource.system())) {
            print(
                    "time server listening on "
                            + place.host()
                            + ":"
                            + server.port()
                            + " (UDP); Ctrl-C ends it");
            server.serveForever();
        }
    }

    private void ask(HostAndPort server) throws IOException {
        var client = new TimeClient(InstantSource.system(), PATIENCE, ATTEMPTS);
        var answer = client.ask(InetSocketAddress.createUnresolved(server.host(), server.port()));
        print(
                "%s; %+.3f ms from here, asked in %.3f ms"
                        .formatted(
                                answer.time(), millis(answer.ahead()), millis(answer.roundTrip())));
    }

    /// Of any length, as the server may say what it likes.
    private static double millis(Duration duration) {
        return duration.getSeconds() * 1e3 + duration.getNano() / 1e6;
    }

    private void print(String line) {
        var out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
