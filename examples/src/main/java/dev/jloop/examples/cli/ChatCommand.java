package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.chat.ChatClient;
import dev.jloop.examples.chat.ChatServer;
import dev.jloop.examples.chat.ChatStatistics;
import dev.jloop.executor.Offload;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

@Command(
        name = "chat",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Serves a chat over TCP until Ctrl-C, in lines of text that nc can show as well.",
            "Slow readers delay nobody: they are cut, or held back, as --slow-readers says.",
            "With --connect it takes part in one: what you type goes to the room; /join ROOM, /who"
                    + " and /quit are commands."
        })
final class ChatCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Set<String> OF_CLIENT = Set.of("--connect", "--name", "--room");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ListeningPlace place;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ChatSettings settings;

    @Option(
            names = "--connect",
            paramLabel = "HOST:PORT",
            converter = HostAndPort.Converter.class,
            description = "takes part in the chat of this server")
    private @Nullable HostAndPort connect;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "the name to have there; needs --connect")
    private @Nullable String name;

    @Option(
            names = "--room",
            paramLabel = "ROOM",
            description = "the room to enter there; needs --name")
    private @Nullable String room;

    @Override
    public Integer call() {
        if (connect != null) {
            takePart(connect);
        } else {
            serve();
        }
        return 0;
    }

    private void serve() {
        if (name != null || room != null) {
            throw usage("--name and --room need --connect HOST:PORT");
        }
        var options = settings.options();
        Async.run(() -> {
            try (var server = ChatServer.start(place.host(), place.port(), options)) {
                print(
                        "chat server listening on "
                                + place.host()
                                + ":"
                                + server.port()
                                + "; Ctrl-C ends it");
                try {
                    server.serveForever();
                } finally {
                    var cut = server.shutdown(GRACE).cut();
                    if (!cut.isEmpty()) {
                        print("cut off, for they did not read: " + cut);
                    }
                    tellOfSlowReaders(server.statistics());
                }
            }
        });
    }

    private void tellOfSlowReaders(ChatStatistics statistics) {
        if (statistics.cut() > 0 || statistics.missedLines() > 0) {
            print(
                    "slow readers: "
                            + statistics.cut()
                            + " were cut, and "
                            + statistics.missedLines()
                            + " lines were missed by those who were held back");
        }
    }

    private void takePart(HostAndPort server) {
        if (room != null && name == null) {
            throw usage("--room needs --name");
        }
        refuseOptionsOfServer();
        Async.run(() -> {
            try (var client = ChatClient.connect(server.host(), server.port())) {
                if (name != null) {
                    client.send("/nick " + name);
                }
                if (room != null) {
                    client.send("/join " + room);
                }
                converse(client);
            }
        });
    }

    private void refuseOptionsOfServer() {
        var ignored =
                spec.commandLine().getParseResult().matchedOptions().stream()
                        .map(OptionSpec::longestName)
                        .filter(option -> !OF_CLIENT.contains(option))
                        .toList();
        if (!ignored.isEmpty()) {
            throw usage(
                    "with --connect there is no server to set up; leave out "
                            + String.join(", ", ignored));
        }
    }

    private void converse(ChatClient client) throws IOException {
        var typing = Async.createTask(() -> type(client), "keyboard");
        try {
            for (var line = client.receive(); line != null; line = client.receive()) {
                print(line);
            }
        } finally {
            typing.cancel("the conversation is over");
            var _ = Async.waitAll(List.of(typing));
        }
    }

    private static void type(ChatClient client) {
        // A daemon, for nothing ends a read of the keyboard.
        Executor keyboard = read -> Thread.ofPlatform().daemon().name("keyboard").start(read);
        var lines = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        while (true) {
            var line = Offload.runInExecutor(keyboard, lines::readLine).await();
            try {
                client.send(line == null ? "/quit" : line);
            } catch (IOException _) {
                return; // who receives is told why
            }
            if (line == null) {
                return;
            }
        }
    }

    private void print(String line) {
        var out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
