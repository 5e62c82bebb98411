package dev.jloop.streams;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Objects;

/// Cuts a stream of bytes into frames, the records of a protocol, and writes them.
///
/// ```java
/// private static final Framing MESSAGES = Framing.lengthPrefixed(4, 1024 * 1024);
///
/// for (var request : MESSAGES.frames(reader)) {
///     MESSAGES.write(writer, answer(request));
/// }
/// ```
///
/// Reading takes a frame whole or not at all: cancelled, it leaves all bytes in the reader, also
/// those of a prefix that has come. The limit of the reader does not matter, but the maximum length
/// of this does: a peer that announces or sends more costs no more memory than that.
///
/// Immutable, so one serves for all connections. The methods that suspend are for coroutines.
///
/// @since 0.1
public abstract sealed class Framing permits LengthPrefixedFraming, DelimitedFraming {
    /// The longest content.
    final int maxLength;

    Framing(int maxLength) {
        this.maxLength = maxLength;
    }

    /// {@return frames that begin with the length of their content, the highest byte first}
    ///
    /// @param prefixBytes of how many bytes the length is: 1 to 8. It is an unsigned number, and
    ///   does not count itself
    /// @param maxLength the longest content, in bytes
    /// @throws IllegalArgumentException if one of the numbers is out of its range, or the maximum
    ///   cannot be said with so few bytes
    public static Framing lengthPrefixed(int prefixBytes, int maxLength) {
        return lengthPrefixed(prefixBytes, ByteOrder.BIG_ENDIAN, maxLength);
    }

    /// {@return frames that begin with the length of their content}
    ///
    /// @param prefixBytes of how many bytes the length is: 1 to 8. It is an unsigned number, and
    ///   does not count itself
    /// @param order which byte of the length comes first
    /// @param maxLength the longest content, in bytes
    /// @throws IllegalArgumentException if one of the numbers is out of its range, or the maximum
    ///   cannot be said with so few bytes
    public static Framing lengthPrefixed(int prefixBytes, ByteOrder order, int maxLength) {
        return new LengthPrefixedFraming(prefixBytes, order, maxLength);
    }

    /// {@return frames that end with a delimiter, which is no part of their content}
    ///
    /// @param delimiter one byte or more
    /// @param maxLength the longest content, in bytes
    /// @throws IllegalArgumentException if the delimiter is empty, or the length out of its range
    public static Framing delimited(byte[] delimiter, int maxLength) {
        return new DelimitedFraming(delimiter, maxLength);
    }

    static int checkedMaxLength(int maxLength) {
        if (maxLength < 1 || maxLength > LengthPrefixedFraming.MOST_BYTES) {
            throw new IllegalArgumentException(
                    "maxLength must be from 1 to "
                            + LengthPrefixedFraming.MOST_BYTES
                            + " bytes, was "
                            + maxLength);
        }
        return maxLength;
    }

    /// {@return the longest content, in bytes}
    public final int maxLength() {
        return maxLength;
    }

    /// Reads a frame. Suspends.
    ///
    /// @param reader the stream, at the start of a frame
    /// @return the content, which may be empty; null at the end of the stream
    /// @throws FrameTooLongException if the frame is too long. Its bytes stay in the reader, and so
    ///   the next call fails too: what follows cannot be told any more
    /// @throws IncompleteReadException if the stream ends within a frame; it has the bytes that
    ///   came, with those of the prefix
    /// @throws IOException if the connection broke
    /// @throws IllegalStateException if another coroutine waits in a read
    public final byte @Nullable [] read(StreamReader reader) throws IOException {
        return reader.readFrame(search());
    }

    /// {@return the frames up to the end of the stream} The iterator suspends in `hasNext` and
    /// `next`, and throws what [#read(StreamReader)] throws as the cause of an
    /// `UncheckedIOException`. There is one sequence of frames, however many iterators are made.
    ///
    /// @param reader the stream, at the start of a frame
    public final Iterable<byte[]> frames(StreamReader reader) {
        Objects.requireNonNull(reader, "reader");
        return () -> new StreamIterator<>(() -> read(reader));
    }

    /// Writes a frame as a whole, so that frames of several coroutines do not mix. Suspends as
    /// [StreamWriter#write(byte\[\])] does.
    ///
    /// @param writer where to
    /// @param content what the peer shall read; may be empty, and may be used again when this
    ///   returns
    /// @throws IOException if the connection is lost
    /// @throws IllegalArgumentException if the content is too long, or the peer would find a
    ///   delimiter before its end; then nothing is sent
    /// @throws IllegalStateException after [StreamWriter#writeEof()]
    public final void write(StreamWriter writer, byte[] content) throws IOException {
        if (content.length > maxLength) {
            throw new IllegalArgumentException(
                    "a frame may have "
                            + maxLength
                            + " bytes at most, and its content has "
                            + content.length);
        }
        writePieces(writer, content);
    }

    /// {@return a search for the next frame}
    abstract FrameSearch search();

    /// Writes a frame whose content is not too long.
    abstract void writePieces(StreamWriter writer, byte[] content) throws IOException;
}
