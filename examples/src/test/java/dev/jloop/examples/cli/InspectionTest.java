package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;

/// `ps` and `pstree`, for a JVM of its own.
@Timeout(60)
class InspectionTest {
    private static Child startSample(String... arguments) throws IOException {
        var child = Child.start(SampleService.class, arguments);
        child.readUntil("ready to be seen");
        return child;
    }

    private static String pid(Child child) {
        return Long.toString(child.process().pid());
    }

    @Test
    void psListsTheTasksAsATable() throws Exception {
        try (var child = startSample()) {
            var run = CommandRun.of("ps", pid(child));

            assertThat(run.errors()).isEmpty();
            assertThat(run.exitCode()).isZero();
            var lines = run.output().lines().toList();
            assertThat(lines).hasSize(6);
            assertThat(lines.getFirst())
                    .matches("LOOP +ID +NAME +STATE +SINCE_MS +AWAITS +TASKS +WHERE");
            assertThat(lines.get(1))
                    .matches(
                            "SelectorEventLoop-1 +1 +main +waiting +\\d+ +gather of 2 futures, 2"
                                + " pending +2 3"
                                + " +dev\\.jloop\\.examples\\.cli\\.SampleService\\.serve\\(.*\\)");
            assertThat(lines.get(2))
                    .matches(
                            "SelectorEventLoop-1 +2 +fetch \"a\", first +waiting +\\d+ +sleep"
                                + " +dev\\.jloop\\.examples\\.cli\\.SampleService\\.fetch\\(.*\\)");
            assertThat(lines.get(3)).contains("fetch \\u001b[31m b").doesNotContain("\u001b");
        }
    }

    @Test
    void psWritesValuesSeparatedByCommas() throws Exception {
        try (var child = startSample()) {
            var run = CommandRun.of("ps", "--format", "csv", pid(child));

            assertThat(run.exitCode()).isZero();
            var lines = run.output().lines().toList();
            assertThat(lines.getFirst())
                    .isEqualTo("LOOP,ID,NAME,STATE,SINCE_MS,AWAITS,TASKS,WHERE");
            assertThat(lines.get(1))
                    .startsWith("SelectorEventLoop-1,1,main,waiting,")
                    .contains(",\"gather of 2 futures, 2 pending\",2 3,dev.jloop.");
            assertThat(lines.get(2))
                    .startsWith("SelectorEventLoop-1,2,\"fetch \"\"a\"\", first\",waiting,");
        }
    }

    @Test
    void pstreeDrawsWhoWaitsForWhomAndMarksCycles() throws Exception {
        try (var child = startSample()) {
            var run = CommandRun.of("pstree", pid(child));

            assertThat(run.errors()).isEmpty();
            assertThat(run.exitCode()).isZero();
            assertThat(run.output())
                    .startsWith("SelectorEventLoop-1 (running, engine ")
                    .contains("cycle: #4 egg -> #5 hen -> #4 egg\n")
                    .containsPattern("\n\\|-- #1 main: waits .* for gather of 2 futures")
                    .containsPattern("\n\\|   \\|-- #2 fetch \"a\", first: waits .* for sleep\n")
                    .contains("\n`-- #4 egg: waits ", "    `-- #5 hen: waits ")
                    .contains("`-- #4 egg (a cycle closes here: see above)\n")
                    .contains("at dev.jloop.examples.cli.SampleService.fetch(SampleService.java:");
        }
    }

    @Test
    void pstreeWritesJson() throws Exception {
        try (var child = startSample()) {
            var run = CommandRun.of("pstree", "--json", pid(child));

            assertThat(run.exitCode()).isZero();
            assertThat(run.output())
                    .startsWith("{\"loops\":[{\"name\":\"SelectorEventLoop-1\",\"running\":true,")
                    .contains("\"cycles\":[[4,5]]", "\"awaitedTasks\":[2,3]")
                    .endsWith("}]}\n");
        }
    }

    @Test
    void aJvmWithoutALoopIsToldApart() throws Exception {
        try (var child = startSample("without a loop")) {
            var run = CommandRun.of("ps", pid(child));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.output()).isEmpty();
            assertThat(run.errors())
                    .startsWith(
                            "jloop ps: process "
                                    + pid(child)
                                    + " has no event loop of jloop to show");
        }
    }

    @Test
    void aProcessThatIsNoJvmIsOneClearLine() throws Exception {
        var process = new ProcessBuilder("sleep", "60").start();
        try {
            var run = CommandRun.of("pstree", Long.toString(process.pid()));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.errors().lines())
                    .singleElement()
                    .asString()
                    .startsWith("jloop pstree: cannot attach to process " + process.pid() + ",");
        } finally {
            process.destroy();
        }
    }

    @Test
    void aProcessThatIsGoneIsOneClearLine() throws Exception {
        var process = new ProcessBuilder("true").start();
        process.waitFor();

        var run = CommandRun.of("ps", Long.toString(process.pid()));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors().strip())
                .isEqualTo("jloop ps: there is no process " + process.pid());
    }

    @Test
    void itselfIsRefused() {
        var run = CommandRun.of("ps", Long.toString(ProcessHandle.current().pid()));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors()).contains("is this jloop itself");
    }
}
