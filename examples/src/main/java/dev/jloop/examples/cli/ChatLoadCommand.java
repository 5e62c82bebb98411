package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.chat.ChatLoad;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;

@Command(
        name = "chat-load",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Sends many guests at once to a chat server, some of whom never read, and tells how"
                    + " long it took until the others heard what was said.",
            "The exit code is 1 if one of those who read has not heard everything."
        })
final class ChatLoadCommand implements Callable<Integer> {
    private static final int FAILURES_SHOWN = 5;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--connect",
            paramLabel = "HOST:PORT",
            required = true,
            converter = HostAndPort.Converter.class,
            description = "the chat server")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private HostAndPort server;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "1000",
            description = "how many guests there are (default: ${DEFAULT-VALUE})")
    private int guests;

    @Option(
            names = "--silent",
            paramLabel = "N",
            defaultValue = "10",
            description = "how many of them never read (default: ${DEFAULT-VALUE})")
    private int silent;

    @Option(
            names = "--rooms",
            paramLabel = "N",
            defaultValue = "20",
            description = "how many rooms they are in (default: ${DEFAULT-VALUE})")
    private int rooms;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = DurationConverter.class,
            description = "how long nothing is measured (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration warmUp;

    @Option(
            names = "--time",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "how long it is measured then (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration length;

    @Option(
            names = "--every",
            paramLabel = "TIME",
            defaultValue = "4s",
            converter = DurationConverter.class,
            description = "from one line of a guest to his next one (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration pause;

    @Option(
            names = "--line",
            paramLabel = "BYTES",
            defaultValue = "1000",
            description = "how long the lines are (default: ${DEFAULT-VALUE})")
    private int lineBytes;

    @Override
    public Integer call() {
        var plan = plan();
        var result = Async.run(() -> ChatLoad.run(server.host(), server.port(), plan));
        show(result);
        return result.failures().isEmpty() && result.heard() == result.expected() ? 0 : 1;
    }

    private void show(ChatLoad.Result result) {
        var out = spec.commandLine().getOut();
        out.println(
                String.format(
                        Locale.ROOT,
                        "%,d of %,d lines heard; delay: median %.2f ms, p99 %.2f ms, longest"
                                + " %.2f ms",
                        result.heard(),
                        result.expected(),
                        millis(result.median()),
                        millis(result.p99()),
                        millis(result.longest())));
        out.println(
                silent
                        + " silent: "
                        + result.silentCut()
                        + " were cut, "
                        + result.silentHeld()
                        + " were held back");
        var failures = result.failures();
        failures.stream().limit(FAILURES_SHOWN).forEach(out::println);
        if (failures.size() > FAILURES_SHOWN) {
            out.println("and " + (failures.size() - FAILURES_SHOWN) + " more failures");
        }
        out.flush();
    }

    private ChatLoad.Plan plan() {
        try {
            return new ChatLoad.Plan(guests, silent, rooms, warmUp, length, pause, lineBytes);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }
}
