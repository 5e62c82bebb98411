package dev.jloop.examples.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

@Timeout(60)
class TailTest {
    private static final Duration SAFETY_NET = Duration.ofSeconds(30);
    private static final Instant NOON =
            LocalDateTime.of(2026, 1, 2, 12, 0).atZone(ZoneId.systemDefault()).toInstant();

    private final List<String> shown = new ArrayList<>();

    @TempDir Path folder;

    private Tail tail() {
        return new Tail(line -> !line.startsWith("#"), shown::add, () -> NOON);
    }

    private void awaitLines(int count) {
        Async.withTimeout(
                SAFETY_NET,
                () -> {
                    while (shown.size() < count) {
                        Async.yieldNow();
                    }
                    return true;
                });
    }

    @Test
    void linesAreShownAsTheyAreWrittenUntilItIsCancelled() throws Exception {
        var file = Files.writeString(folder.resolve("log"), "old\n#hidden\nfirst\n");
        Async.run(() -> {
            var task = Async.createTask(() -> tail().run(Tail.follow(2, file.toString())));
            awaitLines(1);
            Files.writeString(file, "second\n", StandardOpenOption.APPEND);
            awaitLines(2);
            var program = ProcessHandle.current().children().toList();
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            assertThat(program).isNotEmpty().noneMatch(ProcessHandle::isAlive);
        });
        assertThat(shown).containsExactly("12:00:00.000  first", "12:00:00.000  second");
    }

    @Test
    void aLineThatIsTooLongIsLeftOutAndTheNextOnesAreShown() {
        var script = "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo next";
        Async.run(() -> {
            assertThat(tail().run(List.of("sh", "-c", script))).isZero();
        });
        assertThat(shown)
                .containsExactly(
                        "12:00:00.000  (1000001 bytes of a line were left out: it is too long)",
                        "12:00:00.000  next");
    }

    @Test
    void aLineThatIsTooLongMayBeTheLast() {
        Async.run(() -> {
            var script = "echo first; head -c 300000 /dev/zero | tr '\\0' x";
            assertThat(tail().run(List.of("sh", "-c", script))).isZero();
        });
        assertThat(shown).hasSize(2);
        assertThat(shown.getLast()).contains("(300000 bytes of a line were left out");
    }

    @Test
    void theLastLineNeedsNoLineFeedAndErrorsAreShownToo() {
        Async.run(() -> {
            var script = "echo '  indented'; echo; echo bad >&2; printf last; exit 3";
            assertThat(tail().run(List.of("sh", "-c", script))).isEqualTo(3);
        });
        assertThat(shown)
                .containsExactly(
                        "12:00:00.000    indented",
                        "12:00:00.000  ",
                        "12:00:00.000  bad",
                        "12:00:00.000  last");
    }
}
