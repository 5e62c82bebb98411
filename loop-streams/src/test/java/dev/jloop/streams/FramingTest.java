package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Records of a protocol, read and written.
class FramingTest {
    private static final Framing LINES = Framing.delimited(bytes("\r\n"), 5);
    private static final Framing RECORDS = Framing.lengthPrefixed(2, 5);

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static StreamReader ended(String text) {
        var reader = new StreamReader(1);
        reader.feedData(bytes(text));
        reader.feedEof();
        return reader;
    }

    private static List<String> frames(Framing framing, StreamReader reader) {
        var frames = new ArrayList<String>();
        for (var frame : framing.frames(reader)) {
            frames.add(new String(frame, US_ASCII));
        }
        return frames;
    }

    private static byte[] written(Framing framing, String... contents) throws IOException {
        var bytes = new byte[1][];
        TestRun.onSockets(_ -> {
            var protocol = new StreamProtocol(EventLoop.current(), 100, _ -> {});
            var transport = FakeTransport.below(protocol);
            for (var content : contents) {
                framing.write(transport.writer(), bytes(content));
            }
            bytes[0] = transport.takeWritten();
        });
        return bytes[0];
    }

    @Test
    void theLengthComesFirstInTheOrderThatWasAskedFor() throws IOException {
        assertThat(written(RECORDS, "abc", "")).asString(US_ASCII).isEqualTo("\0\3abc\0\0");
        assertThat(written(Framing.lengthPrefixed(3, ByteOrder.LITTLE_ENDIAN, 5), "ab"))
                .asString(US_ASCII)
                .isEqualTo("\2\0\0ab");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8})
    void whatIsWrittenIsReadWhateverTheSizeOfTheLength(int prefixBytes) throws IOException {
        for (var order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            var framing = Framing.lengthPrefixed(prefixBytes, order, 200);
            var content = "x".repeat(200);
            var stream = new String(written(framing, "one", "", content), US_ASCII);
            var reader = new StreamReader(1);
            reader.feedData(written(framing, "one", "", content));
            reader.feedEof();
            assertThat(stream).hasSize(3 * prefixBytes + 203);
            assertThat(frames(framing, reader)).containsExactly("one", "", content);
        }
    }

    @Test
    void aDelimiterEndsAFrameAndIsNoPartOfIt() throws IOException {
        assertThat(written(LINES, "abc", "", "a\r"))
                .asString(US_ASCII)
                .isEqualTo("abc\r\n\r\na\r\r\n");
        assertThat(frames(LINES, ended("abc\r\n\r\na\r\r\n"))).containsExactly("abc", "", "a\r");
    }

    @Test
    void framesThatComeByteByByteAreTheSame() throws IOException {
        for (var framing : List.of(LINES, RECORDS)) {
            var stream = written(framing, "abc", "", "defgh");
            TestRun.onSockets(run -> {
                var reader = new StreamReader(1);
                for (var one : stream) {
                    run.loop.callSoon(() -> reader.feedData(new byte[] {one}));
                }
                run.loop.callSoon(reader::feedEof);
                assertThat(frames(framing, reader)).containsExactly("abc", "", "defgh");
            });
        }
    }

    @Test
    void aFrameThatIsTooLongIsNamedBeforeItHasCome() throws IOException {
        var announced = ended("\1\0");
        for (var time = 0; time < 2; time++) {
            assertThatThrownBy(() -> RECORDS.read(announced))
                    .isInstanceOfSatisfying(
                            FrameTooLongException.class,
                            failure -> {
                                assertThat(failure.length()).isEqualTo(256);
                                assertThat(failure.maxLength()).isEqualTo(5);
                            })
                    .hasMessage("a frame of 256 bytes is announced, but 5 are allowed at most");
        }
        assertThat(announced.readAll()).hasSize(2);

        var huge = new StreamReader(1);
        huge.feedData(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1});
        assertThatThrownBy(() -> Framing.lengthPrefixed(8, 5).read(huge))
                .hasMessageContaining("18446744073709551615 bytes");
        var negative = new StreamReader(1);
        negative.feedData(new byte[] {-1, -1, -1, -1});
        assertThatThrownBy(() -> Framing.lengthPrefixed(4, 5).read(negative))
                .hasMessageContaining("4294967295 bytes");
    }

    @Test
    void aFrameAsLongAsAllowedIsReadAndOneByteMoreIsNot() throws IOException {
        assertThat(frames(RECORDS, ended("\0\5abcde"))).containsExactly("abcde");
        assertThatThrownBy(() -> RECORDS.read(ended("\0\6abcdef")))
                .isInstanceOf(FrameTooLongException.class);
        assertThat(frames(LINES, ended("abcde\r\n"))).containsExactly("abcde");
        assertThatThrownBy(() -> LINES.read(ended("abcdef\r\n")))
                .isInstanceOf(FrameTooLongException.class)
                .hasMessage("a frame has 6 bytes, but 5 are allowed at most");
        var endless = new StreamReader(1);
        endless.feedData(bytes("abcdefg"));
        assertThatThrownBy(() -> LINES.read(endless))
                .isInstanceOf(FrameTooLongException.class)
                .hasMessage("a frame has 6 bytes and has not ended, but 5 are allowed at most");
    }

    @Test
    void anEndWithinAFrameTellsWhatCameAndWhatIsMissing() {
        assertThatThrownBy(() -> RECORDS.read(ended("\0\5ab")))
                .isInstanceOfSatisfying(
                        IncompleteReadException.class,
                        failure -> {
                            assertThat(failure.partial()).containsExactly(0, 5, 'a', 'b');
                            assertThat(failure.expected()).isEqualTo(7);
                        });
        assertThatThrownBy(() -> RECORDS.read(ended("\0")))
                .isInstanceOfSatisfying(
                        IncompleteReadException.class,
                        failure -> assertThat(failure.expected()).isEqualTo(2));
        assertThatThrownBy(() -> LINES.read(ended("ab\r")))
                .isInstanceOfSatisfying(
                        IncompleteReadException.class,
                        failure -> {
                            assertThat(failure.partial()).containsExactly('a', 'b', '\r');
                            assertThat(failure.expected())
                                    .isEqualTo(IncompleteReadException.UNKNOWN);
                        });
    }

    @Test
    void cancelledAfterThePrefixTheNextReadGetsTheWholeFrame() {
        TestRun.onSockets(_ -> {
            var reader = new StreamReader(1);
            var reading = Async.createTask(() -> RECORDS.read(reader));
            Async.yieldNow();
            reader.feedData(bytes("\0\3a"));
            Async.yieldNow();
            reading.cancel();
            assertThatThrownBy(reading::await).isInstanceOf(CancelledError.class);
            reader.feedData(bytes("bc"));
            assertThat(RECORDS.read(reader)).isEqualTo(bytes("abc"));
        });
    }

    @Test
    void contentThatThePeerWouldReadOtherwiseIsRefused() {
        assertThatThrownBy(() -> written(LINES, "a\r\nb"))
                .hasStackTraceContaining("find the delimiter 0x0d0a at byte 1 already");
        // Alone it has no delimiter, but with the one behind it it has.
        assertThatThrownBy(() -> written(Framing.delimited(bytes("aa"), 5), "xa"))
                .hasStackTraceContaining("find the delimiter 0x6161 at byte 1 already");
        for (var framing : List.of(LINES, RECORDS)) {
            assertThatThrownBy(() -> written(framing, "abcdef"))
                    .hasStackTraceContaining("5 bytes at most, and its content has 6");
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRefusedWithTheirValues() {
        assertThatThrownBy(() -> Framing.lengthPrefixed(1, 256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("up to 255")
                .hasMessageContaining("256");
        assertThat(Framing.lengthPrefixed(1, 255).maxLength()).isEqualTo(255);
        for (var prefixBytes : List.of(0, 9)) {
            assertThatThrownBy(() -> Framing.lengthPrefixed(prefixBytes, 5))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was " + prefixBytes);
        }
        for (var maxLength : List.of(0, -1, Integer.MAX_VALUE)) {
            assertThatThrownBy(() -> Framing.delimited(bytes("\n"), maxLength))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was " + maxLength);
        }
        assertThatThrownBy(() -> Framing.delimited(new byte[0], 5))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
