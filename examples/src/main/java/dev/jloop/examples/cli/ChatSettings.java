package dev.jloop.examples.cli;

import dev.jloop.examples.chat.ChatOptions;
import dev.jloop.examples.chat.SlowReaders;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.time.Duration;

/// What the operator of a chat server may choose.
final class ChatSettings {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--slow-readers",
            paramLabel = "cut|hold",
            defaultValue = "cut",
            description =
                    "what happens to a client for which too much waits: it is cut; or it is held"
                            + " back, and neither hears nor says anything until it has caught up"
                            + " (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private SlowReaders slowReaders;

    @Option(
            names = "--queue",
            paramLabel = "BYTES",
            defaultValue = "262144",
            description =
                    "how much may wait for each client, at least 16384; the server needs at most"
                            + " that much memory for each (default: ${DEFAULT-VALUE})")
    private int queueBytes;

    @Option(
            names = "--patience",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description =
                    "how long a slow reader may take to catch up before it is cut, once a quarter"
                            + " of its queue is full (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration patience;

    @Option(
            names = "--silence",
            paramLabel = "TIME",
            defaultValue = "30m",
            converter = DurationConverter.class,
            description =
                    "how long a client may send nothing, or catch up where it is held back"
                            + " (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration silence;

    @Option(
            names = "--max-clients",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "how many clients are served at a time; others wait (default:"
                            + " ${DEFAULT-VALUE})")
    private int mostClients;

    ChatOptions options() {
        try {
            return ChatOptions.DEFAULTS
                    .withMostClients(mostClients)
                    .withQueueBytes(queueBytes)
                    .withSlowReaders(slowReaders)
                    .withPatience(patience)
                    .withSilence(silence);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(command.commandLine(), wrong.getMessage());
        }
    }
}
