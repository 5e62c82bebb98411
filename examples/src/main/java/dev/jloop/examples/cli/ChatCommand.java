package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.chat.ChatClient;
import dev.jloop.examples.chat.ChatOptions;
import dev.jloop.examples.chat.ChatServer;
import dev.jloop.executor.Offload;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;

@Command(
        name = "chat",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Serves a chat over TCP until Ctrl-C, in lines of text that nc can show as well.",
            "With --connect it takes part in one: what you type goes to the room; /join ROOM, /who"
                    + " and /quit are commands."
        })
final class ChatCommand implements Callable<Integer> {
    private static final int LAST_PORT = 65_535;
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Pattern ADDRESS =
            Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):([0-9]{1,5})");

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

    @Option(
            names = "--connect",
            paramLabel = "HOST:PORT",
            description = "takes part in the chat of this server")
    private @Nullable String connect;

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
        if (port < 0 || port > LAST_PORT) {
            throw usage("--port must be from 0 to " + LAST_PORT + ", was " + port);
        }
        Async.run(() -> {
            try (var server = ChatServer.start(host, port, ChatOptions.DEFAULTS)) {
                print(
                        "chat server listening on "
                                + host
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
                }
            }
        });
    }

    private void takePart(String address) {
        var parts = ADDRESS.matcher(address);
        var number = parts.matches() ? Integer.parseInt(parts.group(3)) : 0;
        if (number < 1 || number > LAST_PORT) {
            throw usage("--connect wants HOST:PORT, such as 127.0.0.1:7000, not " + address);
        }
        if (room != null && name == null) {
            throw usage("--room needs --name");
        }
        var server = parts.group(1) == null ? parts.group(2) : parts.group(1);
        Async.run(() -> {
            try (var client = ChatClient.connect(server, number)) {
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
