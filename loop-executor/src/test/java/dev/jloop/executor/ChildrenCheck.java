package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Fails a test that leaves a child process behind, running or dead, and kills it.
final class ChildrenCheck implements AfterEachCallback {
    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        var left = ProcessHandle.current().children().toList();
        for (var child : left) {
            // One that was just killed may need a moment; one that was forgotten lives on.
            if (!endsSoon(child)) {
                child.destroyForcibly();
                throw new AssertionError("a child was left: " + child.info());
            }
        }
        assertThat(zombies()).as("children that nobody reaped").isEmpty();
    }

    private static boolean endsSoon(ProcessHandle child) throws Exception {
        try {
            child.onExit().get(5, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        }
    }

    /// {@return a command that does not end by itself, and that only this JVM gives}
    ///
    /// @param seconds tells it from other ones
    static String longSleep(int seconds) {
        return "sleep " + seconds + "." + ProcessHandle.current().pid();
    }

    /// Waits until no process has that command line: one that was killed may need a moment, and has
    /// none as soon as it only waits to be reaped.
    ///
    /// @param commandLine of [#longSleep(int)], as those of others are none of our business
    static void awaitNoneWith(String commandLine) {
        var start = System.nanoTime();
        while (ProcessHandle.allProcesses().anyMatch(process -> hasLine(process, commandLine))) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(5)) {
                ProcessHandle.allProcesses()
                        .filter(process -> hasLine(process, commandLine))
                        .forEach(ProcessHandle::destroyForcibly);
                throw new AssertionError("a process was left: " + commandLine);
            }
            Thread.onSpinWait();
        }
    }

    private static boolean hasLine(ProcessHandle process, String commandLine) {
        return process.info().commandLine().filter(commandLine::equals).isPresent();
    }

    /// {@return the children of this JVM that have ended and still have a number} Empty where there
    /// is no `/proc`.
    static List<Path> zombies() throws IOException {
        var processes = Path.of("/proc");
        if (!Files.isDirectory(processes.resolve("self"))) {
            return List.of();
        }
        try (var numbers = Files.newDirectoryStream(processes, "[0-9]*")) {
            var found = new ArrayList<Path>();
            for (var process : numbers) {
                if (isOurZombie(process)) {
                    found.add(process);
                }
            }
            return found;
        }
    }

    private static boolean isOurZombie(Path process) {
        try {
            var stat = Files.readString(process.resolve("stat"));
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[0].equals("Z")
                    && Long.parseLong(fields[1]) == ProcessHandle.current().pid();
        } catch (IOException _) {
            return false; // it has ended meanwhile
        }
    }
}
