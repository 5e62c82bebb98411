package dev.jloop.executor;

import static dev.jloop.executor.ChildrenCheck.longSleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.CancelledError;
import dev.jloop.core.Task;
import dev.jloop.core.TaskTree;
import dev.jloop.core.TimedOutException;
import dev.jloop.transports.Key;

import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// A child process, from its start to its end.
@Timeout(60)
@ExtendWith(ChildrenCheck.class)
class SubprocessTest {
    private static final int BIG = 10 * 1024 * 1024;

    private static final Duration SAFETY_NET = Duration.ofSeconds(30);

    private final CountingLoop loop = new CountingLoop();

    @AfterEach
    void nothingIsLeft() {
        awaitNoOutsideWork();
        loop.close();
        assertThat(loop.reports()).isEmpty();
    }

    /// A thread ends it, after it has told the loop of the end of the child.
    private void awaitNoOutsideWork() {
        var start = System.nanoTime();
        while (loop.outsideWork() > 0 && System.nanoTime() - start < SAFETY_NET.toNanos()) {
            Thread.onSpinWait();
        }
        assertThat(loop.outsideWork()).isZero();
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

    private static String readLine(Subprocess child) throws IOException {
        return new String(child.stdout().readLine(), UTF_8).strip();
    }

    // ---- pipes

    @Test
    void aChildGetsItsInputAndAnswersLineByLine() {
        run(() -> {
            try (var child = Subprocesses.exec("cat")) {
                child.stdin().write("one\n".getBytes(UTF_8));
                assertThat(readLine(child)).isEqualTo("one");
                child.stdin().write("two\n".getBytes(UTF_8));
                assertThat(readLine(child)).isEqualTo("two");
                child.stdin().close();
                assertThat(child.stdout().readAll()).isEmpty();
                assertThat(child.waitFor()).isZero();
            }
        });
    }

    @Test
    void theShellTakesAWholeLine() {
        run(() -> {
            try (var child = Subprocesses.shell("echo out; echo err >&2; exit 7")) {
                var output = child.communicate(new byte[0]);
                assertThat(output.exitCode()).isEqualTo(7);
                assertThat(output.stdoutText()).isEqualTo("out\n");
                assertThat(output.stderrText()).isEqualTo("err\n");
            }
        });
    }

    @Test
    void argumentsAreNotTakenForTheShells() {
        run(() ->
                assertThat(Subprocesses.run("printf", "%s", "$HOME; 'x' *").stdoutText())
                        .isEqualTo("$HOME; 'x' *"));
    }

    /// CONFORMANCE P 130.
    @Test
    void aChildThatExitsWithoutReadingItsInputIsNoFailureOfCommunicate() {
        run(() -> {
            try (var child = Subprocesses.shell("echo done; exit 3")) {
                var output = child.communicate(new byte[BIG]);
                assertThat(output.exitCode()).isEqualTo(3);
                assertThat(output.stdoutText()).isEqualTo("done\n");
            }
        });
    }

    /// CONFORMANCE P 131.
    @Test
    void outputFarAboveTheLimitWaitsInThePipeAndArrivesInFull() {
        var limit = 1000;
        run(() -> {
            var options = ProcessOptions.DEFAULTS.withLimit(limit);
            try (var child = Subprocesses.exec(options, "head", "-c", "" + BIG, "/dev/zero")) {
                while (buffered(child) <= 2L * limit) {
                    Async.yieldNow();
                }
                var held = buffered(child);
                for (var turn = 0; turn < 1000; turn++) {
                    Async.yieldNow();
                }
                assertThat(buffered(child)).isEqualTo(held).isLessThan(512 * 1024);
                assertThat(child.isAlive()).isTrue();

                var output = child.communicate(null);

                assertThat(output.stdout()).hasSize(BIG);
                assertThat(output.exitCode()).isZero();
            }
        });
    }

    private static long buffered(Subprocess child) {
        return Long.parseLong(child.stdout().toString().replaceFirst("\\D+(\\d+) bytes.*", "$1"));
    }

    @Test
    void muchGoesBothWaysAtATimeWithoutADeadlock() {
        var data = new byte[BIG];
        new Random(1).nextBytes(data);
        run(() -> {
            try (var child = Subprocesses.exec("sh", "-c", "tee /dev/stderr")) {
                var output = child.communicate(data);
                assertThat(output.stdout()).isEqualTo(data);
                assertThat(output.stderr()).isEqualTo(data);
            }
        });
    }

    @Test
    void communicateGivesWhatWasNotReadBefore() {
        run(() -> {
            try (var child = Subprocesses.shell("echo first; echo second")) {
                assertThat(readLine(child)).isEqualTo("first");
                assertThat(child.communicate(null).stdoutText()).isEqualTo("second\n");
            }
        });
    }

    @Test
    void inputForAChildWhoseInputWasClosedHereIsRefused() {
        List<ThrowingConsumer<Subprocess>> closers =
                List.of(
                        child -> child.stdin().close(),
                        child -> {
                            child.stdin().close();
                            child.stdin().waitClosed();
                        },
                        child -> child.stdin().writeEof(),
                        child -> child.stdin().transport().abort());
        run(() -> {
            for (var closer : closers) {
                try (var child = Subprocesses.exec("cat")) {
                    closer.accept(child);
                    assertThatThrownBy(() -> child.communicate("text".getBytes(UTF_8)))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContainingAll("4 bytes of input", "(cat)", "was closed");
                    assertThat(child.communicate(null).exitCode()).isZero();
                }
            }
        });
    }

    /// What waits keeps others waiting, and nobody reads what the child has to say.
    @Test
    void inputIsRefusedAtOnceWhereWhatWasWrittenBeforeTheCloseStillWaits() {
        run(() -> {
            try (var child = Subprocesses.exec("cat")) {
                closeWithFullQueue(child);
                assertThatThrownBy(() -> child.communicate("text".getBytes(UTF_8)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("4 bytes of input");
                assertThat(child.communicate(null).stdout()).hasSize(BIG);
            }
        });
    }

    @Test
    void inputIsRefusedAlsoWhereTheChildHasEndedSinceItsInputWasClosedHere() {
        run(() -> {
            try (var child = Subprocesses.exec("sleep", "1000")) {
                closeWithFullQueue(child);
                child.kill();
                child.waitFor();
                assertThatThrownBy(() -> child.communicate("text".getBytes(UTF_8)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("4 bytes of input");
                assertThat(child.communicate(null).exitCode()).isEqualTo(128 + 9);
            }
        });
    }

    private static void closeWithFullQueue(Subprocess child) {
        var writing =
                Async.createTask(() -> {
                    child.stdin().write(new byte[BIG]);
                    return true;
                });
        Async.yieldNow();
        writing.cancel();
        assertThatThrownBy(writing::await).isInstanceOf(CancelledError.class);
        child.stdin().close();
    }

    @Test
    void inputForAChildThatHasEndedWithoutItIsNoFailure() {
        run(() -> {
            try (var child = Subprocesses.exec("true")) {
                child.waitFor();
                assertThat(child.communicate(new byte[5]).exitCode()).isZero();
            }
        });
    }

    @Test
    void inputForAChildThatHasClosedItsInputLongAgoIsNoFailure() {
        run(() -> {
            try (var child = Subprocesses.shell("exec <&-; echo closed; sleep 0.1")) {
                assertThat(readLine(child)).isEqualTo("closed");
                assertThatThrownBy(
                                () -> {
                                    while (true) {
                                        child.stdin().write(new byte[1000]);
                                    }
                                })
                        .isInstanceOf(IOException.class);
                assertThat(child.stdin().transport().isClosedHere()).isFalse();
                assertThat(child.communicate(new byte[5]).exitCode()).isZero();
            }
        });
    }

    @Test
    void communicateCancelledLeavesTheChildAndItsInputOpen() {
        run(() -> {
            try (var child = Subprocesses.exec("cat")) {
                var talk = Async.createTask(() -> child.communicate(new byte[BIG]));
                child.stdin(); // it is there
                Async.yieldNow();
                talk.cancel();
                assertThatThrownBy(talk::await).isInstanceOf(CancelledError.class);
                assertThat(child.isAlive()).isTrue();
                assertThat(child.stdin().isClosing()).isFalse();
            }
        });
    }

    @Test
    void communicateFailsWhereAnotherCoroutineReads() {
        run(() -> {
            try (var child = Subprocesses.exec("cat")) {
                var reader = Async.createTask(() -> child.stderr().readLine());
                Async.yieldNow();
                assertThatThrownBy(() -> child.communicate(null))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("already waiting in a read");
                assertThat(reader.await()).isEmpty();
            }
        });
    }

    @Test
    void thePipesTellWhoseTheyAre() {
        run(() -> {
            try (var child = Subprocesses.exec("cat")) {
                var handle = ProcessHandle.of(child.pid()).orElseThrow();
                assertThat(child.stdin().extra(Key.SUBPROCESS)).isEqualTo(handle);
                assertThat(child.stdout().extra(Key.SUBPROCESS)).isEqualTo(handle);
                assertThat(child.stderr().extra(Key.SUBPROCESS)).isEqualTo(handle);
                assertThat(child.stdout().extra(Key.PEER_ADDRESS)).isNull();
            }
        });
    }

    @Test
    void writingAfterTheEndOfTheChildFails() {
        run(() -> {
            try (var child = Subprocesses.exec("true")) {
                child.waitFor();
                Async.yieldNow();
                assertThatThrownBy(() -> child.stdin().write(new byte[1]))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(
                                "process " + child.pid() + ", which has ended, is lost");
            }
        });
    }

    // ---- the end

    @Test
    void manyCoroutinesWaitForOneChild() {
        run(() -> {
            try (var child = Subprocesses.shell("read go; exit 5")) {
                var waiters = new ArrayList<Task<Integer>>();
                for (var count = 0; count < 10; count++) {
                    waiters.add(Async.createTask(child::waitFor));
                }
                Async.yieldNow();
                child.stdin().write("\n".getBytes(UTF_8));
                assertThat(Async.gather(waiters).await()).hasSize(10).containsOnly(5);
                assertThat(child.waitFor()).isEqualTo(5);
                assertThat(child.isAlive()).isFalse();
            }
        });
    }

    /// CONFORMANCE P 133.
    @Test
    void aCancelledWaitLeavesTheChildAloneAndLaterOnesWork() {
        run(() -> {
            try (var child = Subprocesses.exec("sleep", "1000")) {
                var waiter = Async.createTask(child::waitFor);
                Async.yieldNow();
                waiter.cancel();
                assertThatThrownBy(waiter::await).isInstanceOf(CancelledError.class);
                assertThat(child.isAlive()).isTrue();
                child.kill();
                assertThat(child.waitFor()).isEqualTo(128 + 9);
            }
        });
    }

    @Test
    void aWaitThatIsCancelledTogetherWithTheEndLeavesTheOthersTheirExitCode() {
        run(() -> {
            for (var round = 0; round < 5; round++) {
                try (var child = Subprocesses.exec("sleep", "1000")) {
                    var waiters = new ArrayList<Task<Integer>>();
                    for (var count = 0; count < 3; count++) {
                        waiters.add(Async.createTask(child::waitFor));
                    }
                    Async.yieldNow();
                    child.kill();
                    for (var turn = 0; turn < round; turn++) {
                        Async.yieldNow();
                    }
                    var cancelled = waiters.remove(1);
                    cancelled.cancel();
                    assertThat(Async.gather(waiters).await()).containsOnly(128 + 9);
                    Async.waitAll(List.of(cancelled));
                    assertThat(child.waitFor()).isEqualTo(128 + 9);
                }
            }
        });
    }

    @Test
    void theTreeOfTasksNamesTheChildThatIsWaitedFor() {
        run(() -> {
            try (var child = Subprocesses.exec("sleep", "1000")) {
                var waiter = Async.createTask(child::waitFor, "patient");
                Async.yieldNow();
                assertThat(TaskTree.capture().toString())
                        .contains("patient", "the end of " + child, "(sleep 1000)");
                waiter.cancel();
            }
        });
    }

    /// CONFORMANCE P 133.
    @Test
    void closingKillsARunningChildAndWaitsForItsEnd() {
        run(() -> {
            var child = Subprocesses.exec("sleep", "1000");
            child.close();
            assertThat(child.isAlive()).isFalse();
            assertThat(child.waitFor()).isEqualTo(128 + 9);
            child.close();
        });
    }

    @Test
    void closingLeavesTheExitCodeOfAFinishedChild() {
        run(() -> {
            var child = Subprocesses.shell("exit 4");
            child.waitFor();
            child.close();
            assertThat(child.waitFor()).isEqualTo(4);
        });
    }

    @Test
    void closingEndsWhoeverReadsTheOutput() {
        run(() -> {
            var child = Subprocesses.exec("cat");
            var reader =
                    Async.createTask(() -> {
                        try {
                            return child.stdout().readLine().length + " bytes";
                        } catch (IOException failure) {
                            return failure.getMessage();
                        }
                    });
            Async.yieldNow();
            child.close();
            assertThat(reader.await())
                    .contains("the pipe of process " + child.pid(), "aborted by this side");
        });
    }

    @Test
    void waitingCanHaveALimitOfTime() {
        run(() -> {
            try (var child = Subprocesses.shell("read go; exit 6")) {
                assertThatThrownBy(() -> Async.withTimeout(Duration.ofMillis(1), child::waitFor))
                        .isInstanceOf(TimedOutException.class);
                child.stdin().close();
                assertThat(Async.withTimeout(Duration.ofSeconds(50), child::waitFor)).isEqualTo(6);
            }
        });
    }

    @Test
    void aGrandchildThatHoldsThePipesDoesNotKeepWaitForFromReturning() {
        run(() -> {
            try (var child = Subprocesses.shell("sleep 1000 & echo $!; read end; exit 2")) {
                var grandchild = ProcessHandle.of(Long.parseLong(readLine(child))).orElseThrow();
                try {
                    var rest = Async.createTask(() -> child.stdout().readAll());
                    Async.yieldNow();
                    child.stdin().close();

                    assertThat(child.waitFor()).isEqualTo(2);

                    assertThat(grandchild.isAlive()).isTrue();
                    if (rest.cancel()) {
                        assertThatThrownBy(rest::await).isInstanceOf(CancelledError.class);
                    } else { // the JDK has ended the stream, where its thread was not in a read
                        assertThat(rest.await()).isEmpty();
                    }
                } finally {
                    grandchild.destroyForcibly();
                }
            }
        });
    }

    // ---- signals

    @Test
    void whatAChildSaysWhenItIsAskedToEndIsRead() {
        run(() -> {
            try (var child = trapping("TERM")) {
                child.terminate();
                assertThat(readLine(child)).isEqualTo("got TERM");
                assertThat(child.waitFor()).isEqualTo(9);
            }
        });
    }

    /// Its `read` has no end of its own: whoever starts it sends the signal, or closes it.
    private static Subprocess trapping(String signal) throws IOException {
        var child =
                Subprocesses.shell(
                        "trap 'echo got "
                                + signal
                                + "; exit 9' "
                                + signal
                                + "; echo ready; while :; do read line || sleep 1; done");
        assertThat(readLine(child)).isEqualTo("ready");
        return child;
    }

    @Test
    void anySignalIsSentByItsName() {
        run(() -> {
            for (var name : List.of("USR1", "SIGUSR2", "usr1")) {
                var bare = name.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
                try (var child = trapping(bare)) {
                    child.signal(name);
                    assertThat(readLine(child)).isEqualTo("got " + bare);
                    assertThat(child.waitFor()).isEqualTo(9);
                }
            }
        });
    }

    @Test
    void aSignalOfTheJdkNeedsNoShell() {
        run(() -> {
            try (var child = Subprocesses.exec("sleep", "1000")) {
                child.signal("SIGTERM");
                assertThat(child.waitFor()).isEqualTo(128 + 15);
            }
            try (var child = Subprocesses.exec("sleep", "1000")) {
                child.signal("kill");
                assertThat(child.waitFor()).isEqualTo(128 + 9);
            }
        });
    }

    @Test
    void anUnknownSignalIsRefusedWithTheNamesThereAre() {
        run(() -> {
            try (var child = Subprocesses.exec("cat")) {
                for (var name : List.of("NOPE", "", "9", "TERM; reboot")) {
                    assertThatThrownBy(() -> child.signal(name))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContainingAll("'" + name + "'", "HUP, INT");
                }
            }
        });
    }

    @Test
    void aChildThatHasGoneGetsNoSignalAndThatIsNoError() {
        run(() -> {
            try (var child = Subprocesses.exec("true")) {
                child.waitFor();
                child.signal("HUP");
                child.terminate();
                child.kill();
                child.killTree();
                assertThat(child.waitFor()).isZero();
            }
        });
    }

    @Test
    void aSignalReachesOnlyAChildOfOurs() throws Exception {
        // The parent of this one is the shell, so its number could be one that was used again.
        var shell = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; wait; :").start();
        try (var output = shell.inputReader()) {
            var other = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
            try {
                Signals.send(other, "USR1");
                assertThat(other.isAlive()).isTrue();
                assertThat(shell.isAlive()).isTrue();
                Signals.send(shell.toHandle(), "USR1");
                assertThat(shell.waitFor()).isGreaterThan(128); // numbers of signals differ
            } finally {
                other.destroyForcibly();
            }
        }
    }

    @Test
    void aSignalInACallbackIsSentSoonAfter() {
        run(() -> {
            try (var child = trapping("USR1")) {
                loop.callSoon(() -> child.signal("USR1"));
                assertThat(readLine(child)).isEqualTo("got USR1");
                child.waitFor();
                while (loop.outsideWork() > 0) { // the shell that has sent it
                    Async.yieldNow();
                }
            }
        });
    }

    @Test
    void theWholeTreeIsKilledOnRequest() {
        run(() -> {
            var script = "sh -c '" + longSleep(1003) + " & echo ready; wait' & wait";
            try (var child = Subprocesses.shell(script)) {
                assertThat(readLine(child)).isEqualTo("ready");
                child.killTree();
                assertThat(child.waitFor()).isEqualTo(128 + 9);
                // It has an end only when the last of them has gone, unless the JDK ended it first.
                assertThat(child.stdout().readAll()).isEmpty();
            }
        });
        ChildrenCheck.awaitNoneWith(longSleep(1003));
    }

    /// Those below a dead child have another parent, and would not be found any more.
    @Test
    void aChildThatIsClosedWhileItsTreeIsKilledIsNotKilledTooSoon() {
        run(() -> {
            var killer =
                    Async.createTask(() -> {
                        try (var child = startTree(longSleep(1004))) {
                            loop.callSoon(loop.currentTask()::cancel);
                            child.killTree();
                        }
                        return true;
                    });
            assertThatThrownBy(killer::await).isInstanceOf(CancelledError.class);
        });
        ChildrenCheck.awaitNoneWith(longSleep(1004));
    }

    @Test
    void aCallbackCanKillTheTreeAndCloseTheChildAtOnce() {
        run(() -> {
            var child = startTree(longSleep(1006));
            loop.callSoon(() -> {
                child.killTree();
                child.close();
            });
            assertThat(child.waitFor()).isEqualTo(128 + 9);
        });
        ChildrenCheck.awaitNoneWith(longSleep(1006));
    }

    @Test
    void aTreeWhoseKillHasBegunIsKilledAlsoWhereTheLoopIsClosedAtOnce() {
        var child = loop.runUntilComplete(() -> startTree(longSleep(1007)));
        loop.callSoon(child::killTree);
        loop.callSoon(loop::stop);
        loop.runForever();
        loop.close();
        assertThat(loop.reports()).singleElement().asString().contains("was closed while");
        loop.reports().clear();
        ChildrenCheck.awaitNoneWith(longSleep(1007));
    }

    private static Subprocess startTree(String below) throws IOException {
        var child = Subprocesses.shell(below + " & echo ready; wait");
        assertThat(readLine(child)).isEqualTo("ready");
        return child;
    }

    // ---- virtual clocks, and the end of the loop

    @Test
    void aRunningChildIsWorkOutside() {
        run(() -> {
            var options =
                    ProcessOptions.DEFAULTS
                            .withStdout(ProcessBuilder.Redirect.DISCARD)
                            .withStderr(ProcessBuilder.Redirect.DISCARD);
            try (var child = Subprocesses.exec(options, "cat")) {
                assertThat(loop.outsideWork()).isEqualTo(1);
                child.stdin().close();
                child.waitFor();
            }
        });
    }

    @Test
    void aChildThatRunsWhenTheLoopIsClosedIsReportedOnceAndKilled() {
        var child = loop.runUntilComplete(() -> Subprocesses.exec("sleep", "1000"));

        loop.close();

        assertThat(loop.reports())
                .singleElement()
                .asString()
                .contains("child process " + child.pid(), "sleep 1000", "killed");
        loop.reports().clear();
        var start = System.nanoTime();
        while (child.isAlive()) { // until the JDK has reaped it
            assertThat(System.nanoTime() - start).as("it lives").isLessThan(SAFETY_NET.toNanos());
            Thread.onSpinWait();
        }
    }

    @Test
    void aChildThatHasExitedAndWhoseOutputEndedIsNoLeak() {
        run(() -> {
            var child = Subprocesses.exec("echo", "text");
            assertThat(child.stdout().readAll()).hasSize(5);
            assertThat(child.stderr().readAll()).isEmpty();
            child.waitFor();
            Async.yieldNow();
        });
        loop.close(); // without a report
    }

    @Test
    void itSaysWhatItIs() {
        run(() -> {
            try (var child = Subprocesses.exec("cat", "-n")) {
                assertThat(child).hasToString("child process " + child.pid() + " (cat -n)");
                assertThat(child.command()).containsExactly("cat", "-n");
                child.stdin().close();
                child.waitFor();
            }
        });
    }
}
