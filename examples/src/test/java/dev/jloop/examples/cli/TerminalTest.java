package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.examples.crawl.LiveProgress;
import dev.jloop.examples.crawl.PlainProgress;

import org.junit.jupiter.api.Test;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.Map;

class TerminalTest {
    private final PrintWriter out = new PrintWriter(Writer.nullWriter());

    @Test
    void aTerminalGetsALiveBarInColour() {
        var terminal = Terminal.of(true, Map.of("TERM", "xterm", "NO_COLOR", ""), true);

        assertThat(terminal).isEqualTo(new Terminal(true, true, true));
        assertThat(terminal.progress(out, 1)).isInstanceOf(LiveProgress.class);
    }

    @Test
    void noColorTakesTheColoursAndLeavesTheBar() {
        assertThat(Terminal.of(true, Map.of("NO_COLOR", "1"), true))
                .isEqualTo(new Terminal(true, false, true));
    }

    @Test
    void pipesAndDumbTerminalsGetPlainLines() {
        assertThat(Terminal.of(false, Map.of(), true).progress(out, 1))
                .isInstanceOf(PlainProgress.class);
        assertThat(Terminal.of(true, Map.of("TERM", "dumb"), true).progress(out, 1))
                .isInstanceOf(PlainProgress.class);
    }
}
