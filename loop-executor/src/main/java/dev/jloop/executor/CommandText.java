package dev.jloop.executor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/// How messages show commands, and what these wrote.
final class CommandText {
    private static final int LONGEST_COMMAND = 200;
    private static final int TAIL_BYTES = 2000;

    private CommandText() {}

    static String of(List<String> command) {
        var text = String.join(" ", command);
        return text.length() <= LONGEST_COMMAND
                ? text
                : text.substring(0, LONGEST_COMMAND) + " ...";
    }

    /// {@return the end of what a command wrote, for the end of a sentence} That is its standard
    /// error, unless there is none.
    static String tail(Subprocess.Output output) {
        if (output.stderr().length > 0) {
            return "; its stderr ends with: " + end(output.stderr());
        }
        return output.stdout().length > 0
                ? "; its stdout ends with: " + end(output.stdout())
                : "; it wrote nothing";
    }

    private static String end(byte[] bytes) {
        var start = Math.max(0, bytes.length - TAIL_BYTES);
        while (start > 0 && start < bytes.length && (bytes[start] & 0xC0) == 0x80) {
            start++; // not in the middle of a character of UTF-8
        }
        return new String(bytes, start, bytes.length - start, UTF_8).strip();
    }
}
