package dev.jloop.streams;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CoderResult;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/// Text and its bytes. What is no text in the charset is an error: nothing is replaced by a
/// question mark.
final class Text {
    private static final byte LINE_FEED = '\n';
    private static final byte CARRIAGE_RETURN = '\r';
    private static final byte[] ONLY_LINE_FEED = {LINE_FEED};

    /// Says what is wrong and where; the class above it has no message.
    private static final class Uncodable extends CharacterCodingException {
        private static final long serialVersionUID = 1L;

        private final String message;

        Uncodable(String message) {
            this.message = message;
        }

        @Override
        public String getMessage() {
            return message;
        }
    }

    private Text() {}

    /// @throws IllegalArgumentException if lines cannot be told apart by the byte of a line feed
    static void checkHasLines(Charset charset) {
        if (!Arrays.equals("\n".getBytes(charset), ONLY_LINE_FEED)) {
            throw new IllegalArgumentException(
                    "in "
                            + charset
                            + " a line feed is not the one byte 0x0a, so lines cannot be read in"
                            + " it; use readUntil with its bytes, or readAll");
        }
    }

    /// {@return the text of a line without the line feed, or carriage return and line feed, at its
    /// end}
    static String line(byte[] bytes, Charset charset) throws CharacterCodingException {
        var length = bytes.length;
        if (length > 0 && bytes[length - 1] == LINE_FEED) {
            length--;
            if (length > 0 && bytes[length - 1] == CARRIAGE_RETURN) {
                length--;
            }
        }
        return decode(bytes, length, charset);
    }

    /// {@return the text of the first `length` bytes}
    static String decode(byte[] bytes, int length, Charset charset)
            throws CharacterCodingException {
        var decoder = charset.newDecoder();
        var rest = ByteBuffer.wrap(bytes, 0, length);
        var text =
                CharBuffer.allocate((int) Math.ceil(length * (double) decoder.maxCharsPerByte()));
        var result = decoder.decode(rest, text, true);
        if (result.isUnderflow()) {
            result = decoder.flush(text);
        }
        if (!result.isUnderflow()) {
            var from = rest.position();
            var to = Math.min(length, from + errorLength(result));
            throw new Uncodable(
                    "0x"
                            + HexFormat.of().formatHex(bytes, from, to)
                            + ", byte "
                            + from
                            + " of "
                            + length
                            + ", is no text in "
                            + charset);
        }
        return text.flip().toString();
    }

    static byte[] encode(String text, Charset charset) throws CharacterCodingException {
        var encoder = charset.newEncoder();
        var rest = CharBuffer.wrap(text.toCharArray());
        var most = Math.ceil(text.length() * (double) encoder.maxBytesPerChar());
        var bytes = ByteBuffer.allocate((int) most);
        var result = encoder.encode(rest, bytes, true);
        if (result.isUnderflow()) {
            result = encoder.flush(bytes);
        }
        if (!result.isUnderflow()) {
            throw new Uncodable(
                    String.format(
                            Locale.ROOT,
                            "U+%04X, character %d of %d, cannot be written in %s",
                            text.codePointAt(rest.position()),
                            rest.position(),
                            text.length(),
                            charset));
        }
        var length = bytes.position();
        return length == bytes.capacity() ? bytes.array() : Arrays.copyOf(bytes.array(), length);
    }

    private static int errorLength(CoderResult result) {
        return result.isError() ? result.length() : 1;
    }
}
