package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JloopTest {
    @Test
    void helpNamesTheCommands() {
        var run = CommandRun.of("--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.output())
                .contains(
                        "demo",
                        "scrape",
                        "echo",
                        "http",
                        "chat",
                        "chat-load",
                        "proxy",
                        "kv",
                        "hello",
                        "gather",
                        "digest",
                        "threads",
                        "debug",
                        "logging-loop",
                        "tail",
                        "time",
                        "pstree",
                        "repl",
                        "JLOOP_OPTS");
    }

    @Test
    void theVersionNamesTheJvmToo() {
        assertThat(CommandRun.of("--version").output())
                .containsPattern("^jloop \\d+\\.\\d+")
                .contains("on Java " + Runtime.version());
    }

    @ParameterizedTest
    @CsvSource({
        "'', Which command?",
        "qqq, Unmatched argument",
        "demo --connections 0, must be at least 1",
        "demo --connections x, not an int",
        "demo --delay 5, 20-300",
        "demo --delay 5-4, ends before it begins",
        "demo --timeout never, 500ms",
        "demo --timeout 0s, more than zero",
        "scrape, Missing required parameter",
        "scrape example.org, http://host/path",
        "scrape ftp://example.org, http://host/path",
        "scrape http://ex^ample, at character 10",
        "echo --port 70000, from 0 to 65535",
        "echo --port x, not an int",
        "serve --port -1, from 0 to 65535",
        "http --delay 5, 20-300",
        "http --max-head 10, from 64",
        "http --max-connections 0, at least 1",
        "http --idle-timeout never, 500ms",
        "chat --port 65536, from 0 to 65535",
        "chat --connect nowhere, HOST:PORT",
        "chat --connect [::1]:0, HOST:PORT",
        "chat --name Ann, --connect",
        "chat --slow-readers shout, 'one of [CUT, HOLD]'",
        "chat --queue 1000, queueBytes must be at least",
        "chat --patience 0, more than zero",
        "chat-load, Missing required option",
        "chat-load --connect localhost:1 --silent 1000, at least one must not be silent",
        "gather ftp://example.org, Unmatched argument",
        "digest, Missing required parameter",
        "hello --pause never, 500ms",
        "proxy, Missing required parameter",
        "proxy localhost, HOST:PORT",
        "proxy localhost:0, HOST:PORT",
        "proxy localhost:80 --port 65536, from 0 to 65535",
        "kv --nodes 2, from 3 to 15",
        "tail, Missing required parameter",
        "tail a b, --command runs a program",
        "tail -n -1 a, at least 0",
        "tail -g ( a, no regular expression",
        "ps, Missing required parameter",
        "ps x, not a long",
        "ps 1 --format xml, 'TABLE, CSV'",
        "pstree, Missing required parameter"
    })
    void wrongUsageIsExplainedWithExitCode2(String arguments, String explanation) {
        var run = CommandRun.of(arguments.isEmpty() ? new String[0] : arguments.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errors()).contains(explanation, "Usage: jloop").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({"500ms, PT0.5S", "2.5s, PT2.5S", "3, PT3S", "1m, PT1M"})
    void timesCanBeWrittenWithTheirUnit(String text, String expected) {
        assertThat(new DurationConverter().convert(text)).hasToString(expected);
    }
}
