package dev.jloop.examples.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.file.Files.createDirectories;
import static java.nio.file.Files.writeString;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// No test of any module sleeps in real time, and a planted sleep is found.
class RealSleepsTest {
    private static final Map<String, RealSleeps.Allowed> ALLOWED =
            Map.of(
                    "loop-core/src/test/java/dev/jloop/core/ForeignBlockingTest.java",
                    new RealSleeps.Allowed(
                            3,
                            "code that blocks the loop's thread is the subject: a sleep, a timed"
                                    + " park, and a sleep that an interrupt ends"),
                    "loop-core/src/test/java/dev/jloop/core/SubmissionTest.java",
                    new RealSleeps.Allowed(
                            1, "real threads submit without an end, and would drown the loop"),
                    "loop-core/src/test/java/dev/jloop/core/RunnerSignalTest.java",
                    new RealSleeps.Allowed(
                            2,
                            "programs for JVMs of their own, that get real signals: their clean-up"
                                    + " has to suspend, and to last until the next signal"),
                    "loop-core/src/test/java/dev/jloop/core/ChannelReadinessTest.java",
                    new RealSleeps.Allowed(
                            1, "the wait of a real poller is the subject, here of a millisecond"),
                    "loop-core/src/test/java/dev/jloop/core/FirstMistakesTest.java",
                    new RealSleeps.Allowed(2, "they are refused, and so never begin"),
                    "loop-transports/src/test/java/dev/jloop/transports/ServerWithoutDescriptors.java",
                    new RealSleeps.Allowed(
                            2,
                            "a program for a JVM of its own, which keeps all descriptors of the"
                                    + " process, and counts what its log says in a time"),
                    "loop-transports/src/test/java/dev/jloop/transports/IdleTls.java",
                    new RealSleeps.Allowed(
                            1, "a program for a JVM of its own, which spreads real handshakes"),
                    "loop-executor/src/test/java/dev/jloop/executor/DefaultExecutorTest.java",
                    new RealSleeps.Allowed(
                            1, "a nanosecond, from which a loop without a carrier never returns"),
                    "loop-testkit/src/test/java/dev/jloop/testkit/PlantedLeaks.java",
                    new RealSleeps.Allowed(2, "planted for the kit to find"));

    /// The folder with all modules; tests run in that of their own.
    private static Path root() {
        var root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("loop-bom"))) {
            root = root.getParent();
        }
        return root;
    }

    @Test
    void noTestSleepsInRealTime() throws IOException {
        assertThat(RealSleeps.findIn(root(), ALLOWED))
                .as("use the virtual clock, or a latch that tells what is waited for")
                .isEmpty();
    }

    @Test
    void theTestsOfAllModulesAreLookedAt() throws IOException {
        var modules =
                RealSleeps.testSources(root()).stream()
                        .map(file -> root().relativize(file).getName(0).toString())
                        .distinct();

        assertThat(modules)
                .contains(
                        "loop-core",
                        "loop-transports",
                        "loop-streams",
                        "loop-executor",
                        "loop-testkit",
                        "loop-netty",
                        "examples");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Thread.sleep(5);",
                "Thread\n.sleep(Duration.ofDays(1));",
                "assertNothingRunsDuring(Thread::sleep);",
                "TimeUnit.SECONDS.sleep(1);",
                "MILLISECONDS.sleep(1);",
                "LockSupport.parkNanos(1);",
                "parkUntil(deadline);",
                "import static java.lang.Thread.sleep;",
                "Awaitility.await();",
                "CompletableFuture.delayedExecutor(1, SECONDS).execute(this::go);",
                "url = \"http://host\"; Thread.sleep(1);",
                "Async.run(() -> Async.sleep(Duration.ofMillis(5)));",
                "loop.callLater( ofSeconds(1), this::go);",
                "Async.sleep(Duration.ofMillis(5)); // on a VirtualTimeLoop"
            })
    void aSleepIsFound(String code) {
        assertThat(RealSleeps.sleepsIn("Planted.java", "class Planted {\n  " + code + "}"))
                .singleElement()
                .asString()
                .startsWith("Planted.java:2: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Async.sleep(Duration.ofDays(1));",
                "VirtualTimeLoop loop; void go() { Async.sleep(Duration.ofMillis(5)); }",
                "// Thread.sleep(5);",
                "/* one\n Thread.sleep(5); */",
                "var name = \"Thread.sleep(5)\";",
                "var text = \"\"\"\n Thread.sleep(5);\n \"\"\";"
            })
    void whatIsNoSleepIsNotFound(String code) {
        assertThat(RealSleeps.sleepsIn("Planted.java", "class Planted {\n  " + code + "}"))
                .isEmpty();
    }

    @Test
    void aSleepMoreThanAFileMayHaveIsFound(@TempDir Path root) throws IOException {
        var file = "module/src/test/java/SomeTest.java";
        createDirectories(root.resolve(file).getParent());
        writeString(root.resolve(file), "class SomeTest { { Thread.sleep(1); parkNanos(1); } }");

        assertThat(RealSleeps.findIn(root, Map.of()))
                .containsExactly(file + ":1: Thread.sleep", file + ":1: parkNanos");
        assertThat(RealSleeps.findIn(root, Map.of(file, new RealSleeps.Allowed(2, "it may"))))
                .isEmpty();
        assertThat(RealSleeps.findIn(root, Map.of(file, new RealSleeps.Allowed(1, "it may"))))
                .singleElement()
                .asString()
                .contains("1 sleeps are allowed, because it may", "SomeTest.java:1: parkNanos");
    }
}
