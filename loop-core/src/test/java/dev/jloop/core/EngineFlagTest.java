package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;

/// What a JVM without the flag of the mounted engine does. Flags are per JVM, so each has its own.
class EngineFlagTest {
    private static final String FLAG = "--add-opens java.base/java.lang=ALL-UNNAMED";

    static final class PrintsItsEngine {
        private PrintsItsEngine() {}

        public static void main(String[] args) {
            var root =
                    (ch.qos.logback.classic.Logger)
                            org.slf4j.LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
            root.setLevel(ch.qos.logback.classic.Level.INFO);
            for (var i = 0; i < 2; i++) {
                Async.run(() -> {
                    Async.yieldNow();
                    var loop = (SelectorEventLoop) EventLoop.current();
                    System.out.println("engine " + loop.engine().name());
                });
            }
        }
    }

    private static List<String> output(int exitCode, String... options)
            throws IOException, InterruptedException {
        try (var child = new ChildJvm(PrintsItsEngine.class, List.of(options))) {
            assertThat(child.awaitExit()).as(child.output().toString()).isEqualTo(exitCode);
            return child.output();
        }
    }

    @Test
    void withoutTheFlagOneLineNamesItAndThePortableEngineRuns()
            throws IOException, InterruptedException {
        var output = output(0);
        assertThat(output).filteredOn(line -> line.equals("engine baton")).hasSize(2);
        assertThat(output)
                .filteredOn(line -> line.contains("INFO"))
                .singleElement()
                .asString()
                .endsWith(FLAG)
                .contains("mounted");
    }

    @Test
    void withTheFlagTheFastEngineRunsAndNothingIsSaid() throws IOException, InterruptedException {
        assertThat(output(0, "--add-opens=java.base/java.lang=ALL-UNNAMED"))
                .containsExactly("engine mounted", "engine mounted");
    }

    @Test
    void askingForTheFastEngineWithoutTheFlagFailsAndNamesIt()
            throws IOException, InterruptedException {
        assertThat(output(1, "-Djloop.engine=mounted"))
                .anyMatch(line ->
                        line.contains("IllegalStateException")
                                && line.contains(FLAG)
                                && line.contains("-Djloop.engine=baton"));
    }

    @Test
    void askingForThePortableEngineSaysNothing() throws IOException, InterruptedException {
        assertThat(output(0, "-Djloop.engine=baton"))
                .containsExactly("engine baton", "engine baton");
    }

    @Test
    void anUnknownEngineFailsAndTheKnownOnesAreNamed() throws IOException, InterruptedException {
        assertThat(output(1, "-Djloop.engine=turbo"))
                .anyMatch(line ->
                        line.contains("unknown coroutine engine 'turbo'")
                                && line.contains("mounted or baton"));
    }
}
