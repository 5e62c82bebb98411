package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The JDK's own tool, on a JVM with suspended coroutines.
class ThreadDumpTest {
    /// The program that is dumped.
    static final class Sleepers {
        private Sleepers() {}

        public static void main(String[] arguments) {
            Async.run(() -> {
                var renamed = Async.createTask(Sleepers::sleepInHere, "first name");
                Async.createTask(Sleepers::sleepInHere, "fetch prices");
                Async.yieldNow();
                renamed.rename("fetch stock");
                System.out.println("suspended");
                renamed.await();
            });
        }

        private static void sleepInHere() {
            Async.sleep(Duration.ofHours(1));
        }
    }

    @TempDir Path folder;

    @Test
    void aThreadDumpShowsCoroutinesUnderTheNamesOfTheirTasks() throws Exception {
        var file = folder.resolve("threads.txt");
        try (var child = new ChildJvm(Sleepers.class, ChildJvm.SAME_ENGINE)) {
            child.awaitLine("suspended");
            dump(child.pid(), file);
        }

        var threads = Files.readString(file).split("\n(?=#\\d+ )");
        assertThat(threads)
                .anySatisfy(thread ->
                        assertThat(thread).contains("\"fetch prices\" virtual", "sleepInHere"))
                .anySatisfy(thread ->
                        assertThat(thread).contains("\"fetch stock\" virtual", "sleepInHere"))
                .noneSatisfy(thread -> assertThat(thread).contains("\"first name\""));
    }

    private static void dump(long pid, Path file) throws Exception {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        var process =
                new ProcessBuilder(
                                jcmd,
                                Long.toString(pid),
                                "Thread.dump_to_file",
                                "-overwrite",
                                file.toString())
                        .inheritIO()
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("jcmd ends").isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
