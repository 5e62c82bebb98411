package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.transports.Key;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.concurrent.Callable;

/// A reader that is fed by hand.
class StreamReaderTest {
    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, US_ASCII);
    }

    private static StreamReader fed(int limit, String... chunks) {
        var reader = new StreamReader(limit);
        for (var chunk : chunks) {
            reader.feedData(bytes(chunk));
        }
        return reader;
    }

    private static StreamReader ended(int limit, String... chunks) {
        var reader = fed(limit, chunks);
        reader.feedEof();
        return reader;
    }

    @Test
    void aReaderWithoutAConnectionKnowsNothingOfOne() {
        assertThat(new StreamReader(10).extra(Key.PEER_ADDRESS)).isNull();
    }

    @Test
    void readGivesWhatIsThereAndAnEmptyArrayAtTheEnd() throws IOException {
        var reader = fed(10, "hello", " world");
        assertThat(text(reader.read(3))).isEqualTo("hel");
        assertThat(text(reader.read(100))).isEqualTo("lo world");
        assertThat(reader.read(0)).isEmpty();
        assertThat(reader.atEof()).isFalse();
        reader.feedEof();
        assertThat(reader.read(5)).isEmpty();
        assertThat(reader.atEof()).isTrue();
    }

    @Test
    void readAllAndANegativeReadGoToTheEndBeyondTheLimit() throws IOException {
        assertThat(text(ended(3, "hello", " world").readAll())).isEqualTo("hello world");
        assertThat(text(ended(3, "hello", " world").read(-1))).isEqualTo("hello world");
    }

    @Test
    void readAllWaitsForTheEnd() {
        TestRun.onSockets(run -> {
            var reader = fed(3, "one ");
            run.loop.callSoon(() -> reader.feedData(bytes("two")));
            run.loop.callSoon(reader::feedEof);
            assertThat(text(reader.readAll())).isEqualTo("one two");
        });
    }

    @Test
    void readExactlyIsNotBoundByTheLimit() throws IOException {
        assertThat(text(fed(3, "hello!").readExactly(5))).isEqualTo("hello");
        assertThat(new StreamReader(1).readExactly(0)).isEmpty();
        assertThatThrownBy(() -> new StreamReader(1).readExactly(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @Test
    void anEarlyEndGivesWhatCameAndWhatWasExpectedAndEmptiesTheBuffer() {
        var reader = ended(10, "abc");
        assertThatThrownBy(() -> reader.readExactly(6))
                .isInstanceOfSatisfying(
                        IncompleteReadException.class,
                        failure -> {
                            assertThat(text(failure.partial())).isEqualTo("abc");
                            assertThat(failure.expected()).isEqualTo(6);
                            assertThat(failure)
                                    .hasMessage("the stream ended early: needed 6 bytes, had 3");
                        });
        assertThat(reader.atEof()).isTrue();
    }

    @Test
    void readUntilIncludesTheSeparator() throws IOException {
        var reader = fed(100, "one--two--rest");
        assertThat(text(reader.readUntil(bytes("--")))).isEqualTo("one--");
        assertThat(text(reader.readUntil(bytes("--")))).isEqualTo("two--");
        reader.feedEof();
        assertThatThrownBy(() -> reader.readUntil(bytes("--")))
                .isInstanceOfSatisfying(
                        IncompleteReadException.class,
                        failure -> {
                            assertThat(text(failure.partial())).isEqualTo("rest");
                            assertThat(failure.expected())
                                    .isEqualTo(IncompleteReadException.UNKNOWN);
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"QWERTYaaaUIOP", "aaaabaabaaa", "aabaabaabaaa", "baabaaab"})
    void aSeparatorThatComesInPiecesWithFalseStartsIsFound(String data) {
        TestRun.onSockets(run -> {
            var reader = new StreamReader(100);
            data.chars()
                    .mapToObj(Character::toString)
                    .forEach(piece -> run.loop.callSoon(() -> reader.feedData(bytes(piece))));
            var expected = data.substring(0, data.indexOf("aaa") + 3);
            assertThat(text(reader.readUntil(bytes("aaa")))).isEqualTo(expected);
        });
    }

    @Test
    void ofSeveralSeparatorsThatOneCountsWhichEndsFirst() throws IOException {
        assertThat(text(fed(100, "some data").readUntil(bytes("data"), bytes("me"))))
                .isEqualTo("some");
        assertThat(text(fed(100, "a\r\nb\n").readUntil(bytes("\n"), bytes("\r\n"))))
                .isEqualTo("a\r\n");
        assertThat(text(fed(100, "xABCDEF").readUntil(bytes("ABCDE"), bytes("CD"))))
                .isEqualTo("xABCD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "end"})
    void aRecordAsLongAsTheLimitIsReadAndOneByteMoreIsNotHoweverItIsCut(String separator) {
        var limit = 5;
        TestRun.onSockets(run -> {
            for (var length = limit; length <= limit + 1; length++) {
                var data = "x".repeat(length) + separator;
                for (var cut = 0; cut < data.length(); cut++) {
                    var rest = data.substring(cut);
                    var reader = fed(limit, data.substring(0, cut));
                    run.loop.callSoon(() -> reader.feedData(bytes(rest)));
                    if (length == limit) {
                        assertThat(text(reader.readUntil(bytes(separator)))).isEqualTo(data);
                        continue;
                    }
                    assertThatThrownBy(() -> reader.readUntil(bytes(separator)))
                            .isInstanceOfSatisfying(
                                    LimitOverrunException.class,
                                    failure -> assertThat(failure.consumed()).isEqualTo(limit + 1));
                    Async.yieldNow();
                    assertThat(text(reader.readExactly(data.length()))).isEqualTo(data);
                }
            }
        });
    }

    @Test
    void theMatchThatEndsFirstWinsHoweverItIsCut() {
        TestRun.onSockets(run -> {
            var data = "12<long end>";
            for (var cut = 0; cut < data.length(); cut++) {
                var rest = data.substring(cut);
                var reader = fed(100, data.substring(0, cut));
                run.loop.callSoon(() -> reader.feedData(bytes(rest)));
                var record = reader.readUntil(bytes("<long end>"), bytes("2<long"), bytes("g e"));
                assertThat(text(record)).isEqualTo("12<long");
                Async.yieldNow();
                assertThat(text(reader.readUntil(bytes("<long end>"), bytes("end>"))))
                        .isEqualTo(" end>");
            }
        });
    }

    @Test
    @Timeout(60) // far more than it takes, and far less than a search of everything for each line
    void aSeparatorThatNeverOccursDoesNotMakeEachSearchLookAtEverything() throws IOException {
        var lines = 500_000;
        var reader = fed(100, "0123456789abcde\n".repeat(lines));
        for (var line = 0; line < lines; line++) {
            assertThat(reader.readUntil(bytes("\n"), bytes("\0")).length).isEqualTo(16);
        }
    }

    @Test
    void ofSeparatorsThatEndTogetherTheShortestCounts() {
        assertThatThrownBy(() -> fed(3, "abc\r\n").readUntil(bytes("\r\n"), bytes("\n")))
                .isInstanceOfSatisfying(
                        LimitOverrunException.class,
                        failure -> assertThat(failure.consumed()).isEqualTo(4));
    }

    @Test
    void separatorsMustNotBeMissingOrEmpty() {
        assertThatThrownBy(() -> fed(1).readUntil()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fed(1).readUntil(bytes("a"), bytes("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one byte");
    }

    @Test
    void anOverrunSaysWhetherTheSeparatorWasFoundAndKeepsTheData() {
        var reader = fed(3, "some dataAA");
        assertThatThrownBy(() -> reader.readUntil(bytes("AAA")))
                .isInstanceOfSatisfying(
                        LimitOverrunException.class,
                        failure -> {
                            assertThat(failure).hasMessageContaining("no separator was found");
                            assertThat(failure.consumed()).isEqualTo("some data".length());
                        });
        reader.feedData(bytes("A"));
        assertThatThrownBy(() -> reader.readUntil(bytes("AAA")))
                .isInstanceOfSatisfying(
                        LimitOverrunException.class,
                        failure -> {
                            assertThat(failure)
                                    .hasMessageContaining("a separator was found after 9 bytes");
                            assertThat(failure.consumed()).isEqualTo("some data".length());
                        });
        reader.feedEof();
        assertThatThrownBy(() -> reader.readUntil(bytes("AAA")))
                .isInstanceOf(LimitOverrunException.class);
    }

    @Test
    void readLineKeepsTheLineEndAndGivesTheLastPieceWithout() throws IOException {
        var reader = ended(100, "one\ntw", "o\nlast");
        assertThat(text(reader.readLine())).isEqualTo("one\n");
        assertThat(text(reader.readLine())).isEqualTo("two\n");
        assertThat(text(reader.readLine())).isEqualTo("last");
        assertThat(reader.readLine()).isEmpty();
    }

    @Test
    void anOverlongLineIsDroppedAloneIfItsEndIsThere() throws IOException {
        var reader = ended(3, "too long\nok\n");
        assertThatThrownBy(reader::readLine).isInstanceOf(LimitOverrunException.class);
        assertThat(text(reader.readLine())).isEqualTo("ok\n");
    }

    @Test
    void anOverlongLineWithoutItsEndIsDroppedWithEverything() throws IOException {
        var reader = fed(3, "too long");
        assertThatThrownBy(reader::readLine).isInstanceOf(LimitOverrunException.class);
        reader.feedData(bytes("ok\n"));
        assertThat(text(reader.readLine())).isEqualTo("ok\n");
    }

    @Test
    void linesEndWithTheStream() {
        var lines = new ArrayList<String>();
        for (var line : ended(100, "a\nb\n\nc").lines()) {
            lines.add(text(line));
        }
        assertThat(lines).containsExactly("a\n", "b\n", "\n", "c");
    }

    @Test
    void aFailureInLinesIsTheCauseOfAnUncheckedOne() {
        var reader = fed(100, "a\n");
        reader.setException(new IOException("boom"));
        assertThatThrownBy(() -> reader.lines().iterator().hasNext())
                .isInstanceOf(UncheckedIOException.class)
                .hasRootCauseMessage("boom");
    }

    @Test
    void aFailureBeatsWhatIsThereAndStays() {
        var reader = fed(100, "data\n");
        var failure = new IOException("boom");
        reader.setException(failure);
        assertThatThrownBy(() -> reader.read(1)).isSameAs(failure);
        assertThatThrownBy(reader::readAll).isSameAs(failure);
        assertThatThrownBy(() -> reader.readExactly(1)).isSameAs(failure);
        assertThatThrownBy(reader::readLine).isSameAs(failure);
    }

    @Test
    void aFailureWakesTheReadThatWaits() {
        TestRun.onSockets(run -> {
            var reader = fed(100, "da");
            run.loop.callSoon(() -> reader.setException(new Exception("boom")));
            assertThatThrownBy(() -> reader.readExactly(4))
                    .isInstanceOf(IOException.class)
                    .hasRootCauseMessage("boom");
        });
    }

    @Test
    void feedingAfterTheEndIsRefused() {
        assertThatThrownBy(() -> ended(1).feedData(bytes("x")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theLimitMustBePositive() {
        assertThatThrownBy(() -> new StreamReader(0))
                .hasMessageContaining("at least 1 byte, was 0");
        assertThatThrownBy(() -> StreamOptions.DEFAULTS.withLimit(-1))
                .hasMessageContaining("was -1");
    }

    @Test
    void aSecondReadWhileOneWaitsIsRefused() {
        TestRun.onSockets(run -> {
            var reader = new StreamReader(100);
            Callable<byte[]> body = () -> reader.read(1);
            var first = run.loop.createTask(body, "first");
            Async.yieldNow();
            assertThatThrownBy(reader::readLine)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another coroutine is already waiting");
            reader.feedData(bytes("x"));
            assertThat(text(first.await())).isEqualTo("x");
        });
    }

    @Test
    void aCancelledReadAllLeavesTheBytesForTheNext() {
        TestRun.onSockets(run -> {
            var reader = fed(100, "abc");
            Callable<byte[]> body = reader::readAll;
            var first = run.loop.createTask(body, "first");
            Async.yieldNow();
            reader.feedData(bytes("de"));
            Async.yieldNow();
            first.cancel();
            assertThatThrownBy(first::await).isInstanceOf(CancelledError.class);
            reader.feedEof();
            assertThat(text(reader.readAll())).isEqualTo("abcde");
        });
    }

    @Test
    void aCancelledReadLeavesTheBytesForTheNext() {
        TestRun.onSockets(run -> {
            var reader = fed(100, "abc");
            Callable<byte[]> body = () -> reader.readExactly(5);
            var first = run.loop.createTask(body, "first");
            Async.yieldNow();
            first.cancel();
            assertThatThrownBy(first::await).isInstanceOf(CancelledError.class);
            reader.feedData(bytes("de"));
            assertThat(text(reader.readExactly(5))).isEqualTo("abcde");
        });
    }
}
