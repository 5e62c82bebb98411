package dev.jloop.streams;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;

/// The length of the content, and then the content.
final class LengthPrefixedFraming extends Framing {
    private static final int MOST_PREFIX_BYTES = Long.BYTES;

    /// So that prefix and content fit into one array.
    static final int MOST_BYTES = Integer.MAX_VALUE - 8 - MOST_PREFIX_BYTES;

    private final int prefixBytes;
    private final ByteOrder order;

    LengthPrefixedFraming(int prefixBytes, ByteOrder order, int maxLength) {
        super(checkedMaxLength(maxLength));
        if (prefixBytes < 1 || prefixBytes > MOST_PREFIX_BYTES) {
            throw new IllegalArgumentException(
                    "prefixBytes must be from 1 to " + MOST_PREFIX_BYTES + ", was " + prefixBytes);
        }
        if (prefixBytes < Integer.BYTES && maxLength >= 1 << (prefixBytes * Byte.SIZE)) {
            throw new IllegalArgumentException(
                    "a prefix of "
                            + prefixBytes
                            + " bytes says lengths up to "
                            + ((1 << (prefixBytes * Byte.SIZE)) - 1)
                            + ", so maxLength cannot be "
                            + maxLength);
        }
        this.prefixBytes = prefixBytes;
        this.order = Objects.requireNonNull(order, "order");
    }

    /// {@return how far the byte at an index of the prefix is shifted in the length}
    private int shiftOf(int index) {
        var place = order == ByteOrder.BIG_ENDIAN ? prefixBytes - 1 - index : index;
        return place * Byte.SIZE;
    }

    @Override
    FrameSearch search() {
        return new Search();
    }

    @Override
    void writePieces(StreamWriter writer, byte[] content) throws IOException {
        var prefix = new byte[prefixBytes];
        for (var index = 0; index < prefixBytes; index++) {
            prefix[index] = (byte) ((long) content.length >>> shiftOf(index));
        }
        writer.writeLines(List.of(prefix, content));
    }

    private final class Search implements FrameSearch {
        private int expected = prefixBytes;

        @Override
        public @Nullable Frame findIn(ByteQueue queue) throws FrameTooLongException {
            if (queue.size() < prefixBytes) {
                return null;
            }
            expected = prefixBytes + checkedLength(queue);
            return queue.size() < expected ? null : new Frame(prefixBytes, expected, expected);
        }

        private int checkedLength(ByteQueue queue) throws FrameTooLongException {
            var length = 0L;
            for (var index = 0; index < prefixBytes; index++) {
                length |= (queue.at(index) & 0xffL) << shiftOf(index);
            }
            if (Long.compareUnsigned(length, maxLength) > 0) {
                throw new FrameTooLongException(
                        "a frame of "
                                + Long.toUnsignedString(length)
                                + " bytes is announced, but "
                                + maxLength
                                + " are allowed at most",
                        length,
                        maxLength);
            }
            return (int) length;
        }

        @Override
        public int expected() {
            return expected;
        }
    }

    @Override
    public String toString() {
        return "Framing[up to "
                + maxLength
                + " bytes after a length of "
                + prefixBytes
                + " bytes, "
                + order
                + "]";
    }
}
