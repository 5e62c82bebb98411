package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;

/// Reading and writing text.
class StreamTextTest {
    private static StreamReader ended(String text, Charset charset) {
        var reader = new StreamReader(100);
        reader.feedData(text.getBytes(charset));
        reader.feedEof();
        return reader;
    }

    private static byte[] written(String text, Charset charset) {
        var bytes = new byte[1][];
        TestRun.onSockets(_ -> {
            var protocol = new StreamProtocol(EventLoop.current(), 100, _ -> {});
            var transport = FakeTransport.below(protocol);
            transport.writer().write(text, charset);
            bytes[0] = transport.takeWritten();
        });
        return bytes[0];
    }

    @Test
    void aLineOfTextLacksItsEndAndNullIsTheEndOfTheStream() throws IOException {
        var reader = ended("größer\n\r\n\nmit\rCR\r\nlast\r", UTF_8);
        assertThat(reader.readLine(UTF_8)).isEqualTo("größer");
        assertThat(reader.readLine(UTF_8)).isEmpty();
        assertThat(reader.readLine(UTF_8)).isEmpty();
        assertThat(reader.readLine(UTF_8)).isEqualTo("mit\rCR");
        assertThat(reader.readLine(UTF_8)).isEqualTo("last\r");
        assertThat(reader.readLine(UTF_8)).isNull();
        assertThat(reader.readLine(UTF_8)).isNull();
    }

    @Test
    void linesOfTextIncludeEmptyOnes() {
        assertThat(ended("a\n\nä", ISO_8859_1).lines(ISO_8859_1)).containsExactly("a", "", "ä");
        assertThat(ended("", UTF_8).lines(UTF_8)).isEmpty();
    }

    @Test
    void bytesThatAreNoTextAreNamedAndTheNextLineIsReadable() throws IOException {
        var reader = ended("ab\u00fcc\nnext\n", ISO_8859_1);
        assertThatThrownBy(() -> reader.readLine(UTF_8))
                .isInstanceOf(CharacterCodingException.class)
                .hasMessage("0xfc, byte 2 of 4, is no text in UTF-8");
        assertThat(reader.readLine(UTF_8)).isEqualTo("next");
        var cut = ended("ä", UTF_8);
        cut.readExactly(1);
        assertThatThrownBy(() -> cut.readAll(UTF_8)).hasMessageContaining("byte 0 of 1");
        var lines = ended("\u00fc", ISO_8859_1).lines(UTF_8).iterator();
        assertThatThrownBy(lines::hasNext)
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(CharacterCodingException.class);
    }

    @Test
    void aCharacterThatIsCutAtTheEndIsNoText() {
        var reader = new StreamReader(100);
        reader.feedData(new byte[] {'x', (byte) 0xe2, (byte) 0x82});
        reader.feedEof();
        assertThatThrownBy(() -> reader.readLine(UTF_8))
                .hasMessage("0xe282, byte 1 of 3, is no text in UTF-8");
    }

    @Test
    void linesAreRefusedWhereALineFeedIsNotOneByteButTheWholeIsReadable() throws IOException {
        var reader = ended("\u0a0a\nü", UTF_16LE);
        assertThatThrownBy(() -> reader.readLine(UTF_16LE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("UTF-16LE")
                .hasMessageContaining("readUntil");
        assertThatThrownBy(() -> reader.lines(UTF_16)).isInstanceOf(IllegalArgumentException.class);
        assertThat(reader.readAll(UTF_16LE)).isEqualTo("\u0a0a\nü");
    }

    @Test
    void allTextIsReadAtOnce() throws IOException {
        assertThat(ended("€uro".repeat(1000), UTF_8).readAll(UTF_8)).isEqualTo("€uro".repeat(1000));
        assertThat(ended("", UTF_8).readAll(UTF_8)).isEmpty();
    }

    @Test
    void textIsWrittenInTheCharsetAndWhatItLacksIsNamed() {
        assertThat(written("größer €", UTF_8)).isEqualTo("größer €".getBytes(UTF_8));
        assertThat(written("größer", UTF_16)).isEqualTo("größer".getBytes(UTF_16));
        assertThat(written("", UTF_8)).isEmpty();
        assertThatThrownBy(() -> written("größer", US_ASCII))
                .hasStackTraceContaining("U+00F6, character 2 of 6, cannot be written in US-ASCII");
        assertThatThrownBy(() -> written("a\ud83d", UTF_8))
                .hasStackTraceContaining("U+D83D, character 1 of 2, cannot be written in UTF-8");
    }
}
