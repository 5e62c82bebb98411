package dev.jloop.executor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/// Signals by name. The JDK sends `TERM` and `KILL` only, so the others are left to the shell.
final class Signals {
    private static final List<String> KNOWN =
            List.of(
                    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
                    "SEGV", "USR2", "PIPE", "ALRM", "TERM", "CHLD", "CONT", "STOP", "TSTP", "TTIN",
                    "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "SYS");

    /// Sends a signal where the process still is a child of this JVM: between the look at it and
    /// the signal there are microseconds, in which its number cannot come round again. Where there
    /// is no `/proc`, the look was [ProcessHandle#isAlive()], milliseconds before.
    private static final String SCRIPT =
            """
            signal=$1 process=$2 parent=$3
            if [ -d /proc/self ]; then
                found=
                while read -r key value; do
                    if [ "$key" = PPid: ]; then found=$value; fi
                done 2>/dev/null </proc/"$process"/status
                if [ "$found" != "$parent" ]; then exit 0; fi
            fi
            kill -s "$signal" "$process"
            """;

    private Signals() {}

    /// {@return the name without `SIG`}
    static String checked(String name) {
        var upper = name.toUpperCase(Locale.ROOT);
        var bare = upper.startsWith("SIG") ? upper.substring("SIG".length()) : upper;
        if (!KNOWN.contains(bare)) {
            throw new IllegalArgumentException(
                    "there is no signal '" + name + "'; name one of " + String.join(", ", KNOWN));
        }
        return bare;
    }

    /// Blocks for milliseconds.
    static void send(ProcessHandle process, String name) throws InterruptedException {
        if (File.separatorChar == '\\') {
            throw new UnsupportedOperationException(
                    "Windows knows no signal " + name + "; use TERM or KILL");
        }
        if (!process.isAlive()) {
            return;
        }
        try {
            var pid = Long.toString(process.pid());
            var parent = Long.toString(ProcessHandle.current().pid());
            var shell =
                    new ProcessBuilder("/bin/sh", "-c", SCRIPT, "signal", name, pid, parent)
                            .redirectErrorStream(true)
                            .start();
            shell.getOutputStream().close();
            var said = new String(shell.getInputStream().readAllBytes(), UTF_8).strip();
            if (shell.waitFor() != 0 && process.isAlive()) {
                throw new IOException(
                        "cannot send signal " + name + " to process " + pid + ": " + said);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure.getMessage(), failure);
        }
    }
}
