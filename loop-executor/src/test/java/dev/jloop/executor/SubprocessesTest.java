package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.CancelledError;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/// How children are started, and run to their end.
@Timeout(60)
@ExtendWith(ChildrenCheck.class)
class SubprocessesTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final RunOptions RUN = RunOptions.DEFAULTS;

    private static final Duration SAFETY_NET = Duration.ofSeconds(30);

    /// Those of this JVM, on Linux.
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final CountingLoop loop = new CountingLoop();

    @TempDir Path folder;

    @AfterEach
    void nothingIsLeft() {
        loop.close();
        assertThat(loop.reports()).isEmpty();
    }

    private void run(AsyncRunnable body) {
        loop.runUntilComplete(() ->
                Async.withTimeout(
                        SAFETY_NET,
                        () -> {
                            body.run();
                            return true;
                        }));
    }

    private static RunOptions with(ProcessOptions options) {
        return RUN.withProcess(options);
    }

    // ---- options

    @Test
    void theEnvironmentIsThatOfTheJvmWithChanges() {
        run(() -> {
            var options =
                    ProcessOptions.DEFAULTS
                            .withEnvironment("GREETING", "hello")
                            .withoutEnvironment("HOME");
            var script = "echo ${GREETING-none} ${HOME-none} ${PATH-none}";
            assertThat(Subprocesses.run(with(options), "/bin/sh", "-c", script).stdoutText())
                    .isEqualTo("hello none " + System.getenv("PATH") + "\n");
            var alone = ProcessOptions.DEFAULTS.withEmptyEnvironment().withEnvironment("A", "b c");
            assertThat(Subprocesses.run(with(alone), "/usr/bin/env").stdoutText())
                    .isEqualTo("A=b c\n");
        });
    }

    @Test
    void aVariableThatCannotBeOneIsRefused() {
        for (var name : new String[] {"", "A=B", "A\0"}) {
            assertThatThrownBy(() -> ProcessOptions.DEFAULTS.withEnvironment(name, "x"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + name + "'");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller without nullness checks may do
    void aValueThatCannotBeOneIsRefusedAndNotShown() {
        assertThatThrownBy(() -> ProcessOptions.DEFAULTS.withEnvironment("NAME", "secret\0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the value of the environment variable NAME cannot have a zero character,"
                                + " and has one at index 6");
        assertThatThrownBy(() -> ProcessOptions.DEFAULTS.withEnvironment("NAME", null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("value");
    }

    @Test
    void theWorkingFolderCanBeChosen() {
        run(() -> {
            var options = ProcessOptions.DEFAULTS.withFolder(folder);
            assertThat(Path.of(Subprocesses.run(with(options), "pwd").stdoutText().strip()))
                    .isEqualTo(folder.toRealPath());
        });
    }

    @Test
    void stderrCanGoWhereStdoutGoesInTheOrderOfWriting() {
        run(() -> {
            var options = ProcessOptions.DEFAULTS.withMergedStderr(true);
            var script = "echo one; echo two >&2; echo three";
            var output = Subprocesses.run(with(options), "/bin/sh", "-c", script);
            assertThat(output.stdoutText()).isEqualTo("one\ntwo\nthree\n");
            assertThat(output.stderr()).isEmpty();
            try (var child = Subprocesses.exec(options, "true")) {
                assertThatThrownBy(child::stderr)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("(true)", "merged into stdout");
                child.waitFor();
            }
        });
    }

    @Test
    void inputAndOutputsCanBeFiles() throws IOException {
        var input = Files.writeString(folder.resolve("in"), "b\na\n").toFile();
        var output = folder.resolve("out");
        run(() -> {
            var options =
                    ProcessOptions.DEFAULTS
                            .withStdin(Redirect.from(input))
                            .withStdout(Redirect.appendTo(output.toFile()))
                            .withStderr(Redirect.DISCARD);
            for (var time = 0; time < 2; time++) {
                var result = Subprocesses.run(with(options), "/bin/sh", "-c", "sort; echo x >&2");
                assertThat(result)
                        .hasToString("Output[exit code 0, 0 bytes of stdout, 0 bytes of stderr]");
            }
            try (var child = Subprocesses.exec(options, "true")) {
                assertThatThrownBy(child::stdin)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("redirect to read from file");
                assertThatThrownBy(() -> child.communicate(new byte[1]))
                        .isInstanceOf(IllegalStateException.class);
                child.waitFor();
            }
        });
        assertThat(output).hasContent("a\nb\na\nb\n");
    }

    @Test
    void aDiscardedInputIsAtItsEnd() {
        run(() -> {
            var options = ProcessOptions.DEFAULTS.withStdin(Redirect.DISCARD);
            assertThat(Subprocesses.run(with(options), "cat").stdout()).isEmpty();
        });
    }

    @Test
    void aRedirectOfTheWrongDirectionIsRefused() {
        var file = folder.resolve("file").toFile();
        assertThatThrownBy(() -> ProcessOptions.DEFAULTS.withStdin(Redirect.to(file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString());
        assertThatThrownBy(() -> ProcessOptions.DEFAULTS.withStdout(Redirect.from(file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString());
    }

    // ---- starting

    @Test
    void aProgramThatIsMissingIsNamed() {
        run(() -> {
            assertThatThrownBy(() -> Subprocesses.exec("no-such-program-here"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no-such-program-here");
            var nowhere = ProcessOptions.DEFAULTS.withFolder(folder.resolve("missing"));
            assertThatThrownBy(() -> Subprocesses.exec(nowhere, "true"))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "cannot run true: its working folder "
                                    + folder.resolve("missing")
                                    + " does not exist");
            var file = Files.createFile(folder.resolve("file"));
            var inFile = ProcessOptions.DEFAULTS.withFolder(file);
            assertThatThrownBy(() -> Subprocesses.exec(inFile, "true"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file + " is no folder");
            for (var command : new String[][] {{}, {""}}) {
                assertThatThrownBy(() -> Subprocesses.exec(command))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("names no program");
            }
            assertThatThrownBy(() -> Subprocesses.run("echo", "a\0b"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("element 1 of a command")
                    .hasMessageEndingWith("as it has at index 1: [echo, a\\0b]");
            assertThatThrownBy(() -> Subprocesses.shell("echo a\0"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("element 2 of a command");
            assertThatThrownBy(() -> Subprocesses.run(new String[] {"echo", null}))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("element 1 of a command");
        });
    }

    @Test
    void aCallbackCannotStartAProcess() {
        run(() -> {
            LoopFuture<String> message = loop.createFuture("the message");
            loop.callSoon(() -> {
                try {
                    Subprocesses.exec("sleep", "1000").close();
                } catch (IllegalStateException | IOException failure) {
                    message.setResult(failure.getMessage());
                }
            });
            assertThat(message.await()).contains("a callback", "createTask", "sleep 1000");
        });
    }

    /// The thread starts the process in any case; the turns decide how far the coroutine is.
    @Test
    void aCancelledStartLeavesNoChild() {
        for (var turns = 0; turns < 12; turns++) {
            var before = turns;
            run(() -> {
                var start = Async.createTask(() -> Subprocesses.exec("sleep", "1000"));
                for (var turn = 0; turn < before; turn++) {
                    Async.yieldNow();
                }
                start.cancel();
                assertThatThrownBy(start::await).isInstanceOf(CancelledError.class);
            });
        }
        run(() -> {
            // One that has started, and has pipes on their way.
            var started = Async.createTask(() -> Subprocesses.exec("sleep", "1001"));
            while (ProcessHandle.current()
                    .children()
                    .noneMatch(child -> child.info().commandLine().orElse("").endsWith("1001"))) {
                Async.yieldNow();
            }
            if (started.cancel()) {
                assertThatThrownBy(started::await).isInstanceOf(CancelledError.class);
            } else {
                started.await().close();
            }
        });
        // ChildrenCheck waits for the end of each.
    }

    // ---- run

    @Test
    void runGivesTheOutput() {
        run(() -> {
            var output = Subprocesses.run(RUN.withInput("b\na\n".getBytes(UTF_8)), "sort");
            assertThat(output.stdoutText()).isEqualTo("a\nb\n");
            assertThat(output.exitCode()).isZero();
        });
    }

    @Test
    void aRunThatFailsShowsItsCommandItsCodeAndTheEndOfItsOutput() {
        run(() -> {
            var script =
                    "head -c 10000 /dev/zero | tr '\\0' x >&2; echo 'no such thing' >&2; exit 3";
            assertThatThrownBy(() -> Subprocesses.run("/bin/sh", "-c", script))
                    .isInstanceOfSatisfying(
                            ProcessFailedException.class,
                            failure -> {
                                assertThat(failure.exitCode()).isEqualTo(3);
                                assertThat(failure.command())
                                        .containsExactly("/bin/sh", "-c", script);
                                assertThat(failure.output().stderr()).hasSize(10_000 + 14);
                                assertThat(failure.getMessage())
                                        .startsWith("/bin/sh -c head")
                                        .contains(
                                                "ended with exit code 3; its stderr ends with: xx")
                                        .endsWith("no such thing")
                                        .hasSizeLessThan(2500);
                            });
            assertThat(Subprocesses.run(RUN.withCheck(false), "/bin/sh", "-c", "exit 3").exitCode())
                    .isEqualTo(3);
        });
    }

    @Test
    void aRunThatTakesTooLongIsAskedToEndAndItsLastWordsAreKept() {
        var failure =
                runOutOfTime(
                        RUN.withTimeout(HOUR),
                        "trap 'echo bye; exit 3' TERM; echo start; echo > started;"
                                + " while :; do sleep 0.01; done");
        assertThat(failure).hasMessageContaining("longer than PT1H and was ended");
        assertThat(failure.output().exitCode()).isEqualTo(3);
        assertThat(failure.output().stdoutText()).isEqualTo("start\nbye\n");
    }

    @Test
    void aRunThatDoesNotEndWhenAskedIsKilledAfterItsTimeOfGrace() {
        var failure =
                runOutOfTime(
                        RUN.withTimeout(HOUR).withGrace(HOUR),
                        "trap 'echo asked; echo > asked' TERM; echo > started;"
                                + " while :; do sleep 0.01; done");
        assertThat(failure.output().stdoutText()).isEqualTo("asked\n");
        assertThat(failure.output().exitCode()).isEqualTo(128 + 9);
    }

    @Test
    void theWholeTreeOfARunEndsWithItWhereAskedFor() {
        var failure =
                runOutOfTime(
                        RUN.withTimeout(HOUR).withWholeTree(true),
                        "sh -c 'trap : TERM; echo $$; echo > started;"
                                + " while :; do sleep 0.01; done' & wait; :");
        var grandchild = Long.parseLong(failure.output().stdoutText().strip());
        // It has another parent now, who may take a moment to reap it.
        ProcessHandle.of(grandchild).ifPresent(process -> process.onExit().join());
    }

    /// Runs a script, and lets an hour pass when it says by the file `started` that it has, and
    /// another one when there is a file `asked`.
    private ProcessTimeoutException runOutOfTime(RunOptions options, String script) {
        var skipped = new AtomicLong();
        var jumping =
                SelectorEventLoop.builder().clock(() -> System.nanoTime() + skipped.get()).build();
        try (jumping) {
            return jumping.runUntilComplete(() -> {
                var inFolder = options.withProcess(ProcessOptions.DEFAULTS.withFolder(folder));
                var task =
                        Async.createTask(() -> Subprocesses.run(inFolder, "/bin/sh", "-c", script));
                awaitFile(folder.resolve("started"));
                awaitCommunication();
                skipped.addAndGet(HOUR.toNanos());
                if (script.contains("asked")) {
                    awaitFile(folder.resolve("asked"));
                    skipped.addAndGet(HOUR.toNanos());
                }
                Async.waitAll(List.of(task));
                return (ProcessTimeoutException) task.exception();
            });
        }
    }

    @Test
    void aCancelledRunAsksItsChildToEndAndWaitsForThat() {
        var started = folder.resolve("started");
        var ended = folder.resolve("ended");
        run(() -> {
            var script =
                    "trap 'echo > ended; exit' TERM; echo > started; while :; do sleep 0.01; done";
            var options = with(ProcessOptions.DEFAULTS.withFolder(folder));
            var task = Async.createTask(() -> Subprocesses.run(options, "/bin/sh", "-c", script));
            awaitFile(started);
            awaitCommunication();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            assertThat(ended).exists();
        });
    }

    /// The child exists before the coroutine that starts it gets it.
    private static void awaitCommunication() {
        while (Async.allTasks().stream().noneMatch(task -> task.name().startsWith("output of "))) {
            Async.yieldNow();
        }
    }

    private static void awaitFile(Path file) {
        var start = System.nanoTime();
        while (!Files.exists(file)) {
            assertThat(System.nanoTime() - start).as("it hangs").isLessThan(SAFETY_NET.toNanos());
            Async.yieldNow();
        }
    }

    @Test
    void aSecondCancellationKillsAtOnce() {
        var asked = folder.resolve("asked");
        run(() -> {
            var script = "trap 'echo > asked' TERM; echo > started; while :; do sleep 0.01; done";
            var options =
                    with(ProcessOptions.DEFAULTS.withFolder(folder)).withGrace(Duration.ofHours(1));
            var task = Async.createTask(() -> Subprocesses.run(options, "/bin/sh", "-c", script));
            awaitFile(folder.resolve("started"));
            awaitCommunication();
            task.cancel();
            awaitFile(asked);
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
        });
    }

    /// The second one comes while those below are looked for.
    @Test
    void aSecondCancellationKillsTheWholeTreeToo() {
        var started = folder.resolve("started");
        run(() -> {
            var options = with(ProcessOptions.DEFAULTS.withFolder(folder)).withWholeTree(true);
            var script = ChildrenCheck.longSleep(1005) + " & echo > started; wait";
            var task = Async.createTask(() -> Subprocesses.run(options, "/bin/sh", "-c", script));
            awaitFile(started);
            awaitCommunication();
            task.cancel();
            Async.yieldNow();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
        });
        ChildrenCheck.awaitNoneWith(ChildrenCheck.longSleep(1005));
    }

    @Test
    void aWholeTreeEndsAlsoWhereAllThreadsForBlockingWorkAreTaken() {
        var started = folder.resolve("started");
        var stuck = new CountDownLatch(1);
        run(() -> {
            var options =
                    with(ProcessOptions.DEFAULTS.withFolder(folder))
                            .withWholeTree(true)
                            .withGrace(Duration.ZERO);
            var script = ChildrenCheck.longSleep(1008) + " & echo > started; wait";
            var task = Async.createTask(() -> Subprocesses.run(options, "/bin/sh", "-c", script));
            awaitFile(started);
            awaitCommunication();
            Offload.defaultLimiter().changeTotal(1);
            var blocking = Offload.runInExecutor(() -> stuck.await());
            try {
                task.cancel();
                assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            } finally {
                stuck.countDown();
            }
            blocking.await();
        });
        ChildrenCheck.awaitNoneWith(ChildrenCheck.longSleep(1008));
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> RUN.withTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> RUN.withGrace(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1S");
        assertThatThrownBy(() -> ProcessOptions.DEFAULTS.withLimit(0))
                .isInstanceOf(IllegalArgumentException.class);
        run(() ->
                assertThatThrownBy(() ->
                                Subprocesses.run(
                                        with(ProcessOptions.DEFAULTS.withStdin(Redirect.DISCARD))
                                                .withInput(new byte[5]),
                                        "cat"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("5 bytes of input"));
    }

    // ---- many

    @Test
    void twoHundredShortLivedChildrenHaveTheirExitCodes() throws Exception {
        runMany(200);
    }

    @Test
    @Tag("nightly")
    @Timeout(600)
    void aThousandShortLivedChildrenHaveTheirExitCodes() throws Exception {
        runMany(1000);
    }

    @Test
    void childrenAndFailedStartsLeaveNoDescriptorOpen() throws Exception {
        assumeThat(DESCRIPTORS).isDirectory();
        var missing = folder.resolve("missing");
        var failing =
                List.of(
                        ProcessOptions.DEFAULTS.withFolder(missing),
                        ProcessOptions.DEFAULTS.withStdin(Redirect.from(missing.toFile())),
                        ProcessOptions.DEFAULTS.withStdout(Redirect.to(folder.toFile())));
        startAndFail(10, failing); // what is opened once, by the first ones
        var before = openDescriptors();

        startAndFail(100, failing);

        var start = System.nanoTime();
        while (openDescriptors() > before + 10) { // pipes are closed by their threads
            assertThat(System.nanoTime() - start)
                    .as("%s descriptors, %s before", openDescriptors(), before)
                    .isLessThan(SAFETY_NET.toNanos());
            Thread.onSpinWait();
        }
    }

    private void startAndFail(int count, List<ProcessOptions> failing) {
        loop.runUntilComplete(() -> {
            for (var number = 0; number < count; number++) {
                assertThat(exitCode(1)).isEqualTo(1);
                assertThat(Subprocesses.run("echo", "text").stdout()).hasSize(5);
                assertThatThrownBy(() -> Subprocesses.exec("no-such-program-here"))
                        .isInstanceOf(IOException.class);
                for (var options : failing) {
                    assertThatThrownBy(() -> Subprocesses.exec(options, "true"))
                            .isInstanceOf(IOException.class);
                }
            }
            return true;
        });
    }

    private static long openDescriptors() throws IOException {
        try (var open = Files.list(DESCRIPTORS)) {
            return open.count();
        }
    }

    private void runMany(int count) throws Exception {
        var atATime = new CapacityLimiter(16);
        loop.runUntilComplete(() -> {
            var tasks = new ArrayList<Task<Integer>>();
            for (var number = 0; number < count; number++) {
                var code = number % 256;
                Callable<Integer> child = () -> atATime.call(() -> exitCode(code));
                tasks.add(Async.createTask(child));
            }
            for (var number = 0; number < count; number++) {
                assertThat(tasks.get(number).await()).isEqualTo(number % 256);
            }
        });
        assertThat(loop.outsideWork()).isZero();
        assertThat(ChildrenCheck.zombies()).isEmpty();
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    private static int exitCode(int code) throws IOException {
        try (var child = Subprocesses.shell("exit " + code)) {
            return child.waitFor();
        }
    }
}
