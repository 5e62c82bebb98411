package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Signals end a JVM, so each program here runs in a JVM of its own.
class RunnerSignalTest {
    static final class CleansUp {
        private CleansUp() {}

        public static void main(String[] args) {
            Async.run(() -> {
                EventLoop.current().onShutdown(() -> System.out.println("hook ran"));
                Async.createTask(() -> {
                    try {
                        Async.sleep(Duration.ofDays(1));
                    } finally {
                        System.out.println("other task cleaned up");
                    }
                });
                try {
                    System.out.println("started");
                    Async.sleep(Duration.ofDays(1));
                } finally {
                    Async.sleep(Duration.ofMillis(1));
                    System.out.println("cleaned up");
                }
            });
            System.out.println("not reached");
        }
    }

    static final class IsStuck {
        private IsStuck() {}

        public static void main(String[] args) {
            Async.run(() -> {
                try {
                    System.out.println("started");
                    Async.sleep(Duration.ofDays(1));
                } finally {
                    System.out.println("cleaning up");
                    stuckInCleanUp();
                }
            });
        }

        private static void stuckInCleanUp() {
            while (true) {
                LockSupport.park();
            }
        }
    }

    static final class CleansUpForEver {
        private CleansUpForEver() {}

        public static void main(String[] interrupted) {
            Async.run(() -> {
                Async.createTask(() -> {
                    try {
                        Async.sleep(Duration.ofDays(1));
                    } finally {
                        System.out.println("cleaning up");
                        Async.sleep(Duration.ofDays(1));
                    }
                });
                Async.yieldNow();
                if (interrupted[0].equals("true")) {
                    System.out.println("started");
                    Async.sleep(Duration.ofDays(1));
                }
            });
        }
    }

    static final class CleansUpOnce {
        private CleansUpOnce() {}

        public static void main(String[] args) {
            Async.run(() -> {
                Async.createTask(() -> {
                    try {
                        Async.sleep(Duration.ofDays(1));
                    } finally {
                        System.out.println("cleaning up");
                        Async.sleep(Duration.ofSeconds(1));
                        System.out.println("cleaned up");
                    }
                });
                Async.yieldNow();
            });
            System.out.println("not reached");
        }
    }

    static final class RunsOn {
        private RunsOn() {}

        public static void main(String[] args) {
            try (var runner = new Runner()) {
                try {
                    runner.run(() -> {
                        System.out.println("started");
                        Async.sleep(Duration.ofDays(1));
                    });
                } catch (CancelledError interrupt) {
                    runner.run(() -> System.out.println("ran on"));
                }
            }
            System.out.println("closed");
        }
    }

    static final class Swallows {
        private Swallows() {}

        public static void main(String[] args) {
            Async.run(() -> {
                try {
                    System.out.println("started");
                    Async.sleep(Duration.ofDays(1));
                } catch (CancelledError swallowed) {
                    System.out.println("swallowed " + swallowed.getMessage());
                }
            });
            System.out.println("returned");
            System.exit(7);
        }
    }

    static final class IsCancelledOtherwiseToo {
        private IsCancelledOtherwiseToo() {}

        public static void main(String[] args) {
            try {
                Async.run(() -> {
                    try {
                        System.out.println("started");
                        Async.sleep(Duration.ofDays(1));
                    } finally {
                        Async.currentTask().cancel("by the program");
                    }
                });
            } catch (CancelledError plain) {
                System.out.println("caught");
            }
        }
    }

    private static void assertCleansUp(String signal, int exitCode)
            throws IOException, InterruptedException {
        try (var child = new ChildJvm(CleansUp.class, ChildJvm.SAME_ENGINE)) {
            child.awaitLine("started");
            child.signal(signal);
            assertThat(child.awaitExit()).isEqualTo(exitCode);
            assertThat(child.output())
                    .containsExactly("started", "cleaned up", "other task cleaned up", "hook ran");
        }
    }

    @Test
    void sigintCancelsTheMainTaskAndTheJvmEndsWith130AfterTheCleanUp()
            throws IOException, InterruptedException {
        assertCleansUp("INT", 130);
    }

    @Test
    void sigtermCancelsTheMainTaskAndTheJvmEndsWith143AfterTheCleanUp()
            throws IOException, InterruptedException {
        assertCleansUp("TERM", 143);
    }

    @Test
    void aSecondSigintDuringAStuckCleanUpEndsTheJvmAtOnceAndShowsWhereItWasStuck()
            throws IOException, InterruptedException {
        try (var child = new ChildJvm(IsStuck.class, ChildJvm.SAME_ENGINE)) {
            child.awaitLine("started");
            child.signal("INT");
            child.awaitLine("cleaning up");
            child.signal("INT");
            assertThat(child.awaitExit()).isEqualTo(130);
            assertThat(child.output())
                    .anyMatch(line -> line.contains("a second signal"))
                    .anyMatch(line -> line.contains("stuckInCleanUp"));
        }
    }

    @Test
    void aSecondSigintWhileTheRunnerClosesEndsTheJvmAtOnce()
            throws IOException, InterruptedException {
        try (var child = new ChildJvm(CleansUpForEver.class, ChildJvm.SAME_ENGINE, "true")) {
            child.awaitLine("started");
            child.signal("INT");
            child.awaitLine("cleaning up");
            child.signal("INT");
            assertThat(child.awaitExit()).isEqualTo(130);
            assertThat(child.output())
                    .anyMatch(line -> line.contains("a second signal"))
                    .anyMatch(line -> line.contains("Task-") && line.contains("sleep"))
                    .anyMatch(line -> line.contains("CleansUpForEver"));
        }
    }

    @Test
    void twoSignalsDuringTheCleanUpAfterANormalEndEndTheJvmToo()
            throws IOException, InterruptedException {
        try (var child = new ChildJvm(CleansUpForEver.class, ChildJvm.SAME_ENGINE, "false")) {
            child.awaitLine("cleaning up");
            child.signal("TERM");
            child.signal("INT"); // two of the same kind may arrive as one
            // Each is handled on a thread of its own, so that either may be the second one.
            assertThat(child.awaitExit()).isIn(130, 143);
            assertThat(child.output()).anyMatch(line -> line.contains("a second signal"));
        }
    }

    @Test
    void aFirstSignalDuringTheCleanUpWaitsForItsEndAndSetsTheExitCode()
            throws IOException, InterruptedException {
        try (var child = new ChildJvm(CleansUpOnce.class, ChildJvm.SAME_ENGINE)) {
            child.awaitLine("cleaning up");
            child.signal("INT");
            assertThat(child.awaitExit()).isEqualTo(130);
            assertThat(child.output()).containsExactly("cleaning up", "cleaned up");
        }
    }

    @Test
    void aMainTaskThatSwallowsTheCancellationReturnsAndTheProgramChoosesItsExitCode()
            throws IOException, InterruptedException {
        try (var child = new ChildJvm(Swallows.class, ChildJvm.SAME_ENGINE)) {
            child.awaitLine("started");
            child.signal("INT");
            assertThat(child.awaitExit()).isEqualTo(7);
            assertThat(child.output()).containsExactly("started", "swallowed SIGINT", "returned");
        }
    }

    @Test
    void aFurtherRunMeansThatTheSignalWasDealtWith() throws IOException, InterruptedException {
        try (var child = new ChildJvm(RunsOn.class, ChildJvm.SAME_ENGINE)) {
            child.awaitLine("started");
            child.signal("INT");
            assertThat(child.awaitExit()).isZero();
            assertThat(child.output()).containsExactly("started", "ran on", "closed");
        }
    }

    /// CONFORMANCE R 145: the signal alone did not end it.
    @Test
    void aMainTaskThatIsCancelledOtherwiseTooThrowsTheCancellation()
            throws IOException, InterruptedException {
        try (var child = new ChildJvm(IsCancelledOtherwiseToo.class, ChildJvm.SAME_ENGINE)) {
            child.awaitLine("started");
            child.signal("INT");
            assertThat(child.awaitExit()).isZero();
            assertThat(child.output()).containsExactly("started", "caught");
        }
    }
}
