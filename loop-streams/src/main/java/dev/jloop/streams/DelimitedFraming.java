package dev.jloop.streams;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// The content, and then a delimiter.
final class DelimitedFraming extends Framing {
    private final byte[] delimiter;

    DelimitedFraming(byte[] delimiter, int maxLength) {
        super(checkedMaxLength(maxLength));
        if (delimiter.length == 0) {
            throw new IllegalArgumentException("a delimiter must have at least one byte");
        }
        this.delimiter = delimiter.clone();
    }

    @Override
    FrameSearch search() {
        return new Search();
    }

    @Override
    void writePieces(StreamWriter writer, byte[] content) throws IOException {
        checkPeerFindsTheEnd(content);
        writer.writeLines(List.of(content, delimiter));
    }

    /// The content alone does not tell: `xa` and the delimiter `aa` make `xaaa`, whose first `aa`
    /// is not the one that was meant.
    private void checkPeerFindsTheEnd(byte[] content) {
        var end = new ByteQueue();
        end.add(content);
        end.add(Arrays.copyOf(delimiter, delimiter.length - 1));
        var found = end.indexOf(delimiter, 0);
        if (found >= 0) {
            throw new IllegalArgumentException(
                    "the peer would find the delimiter 0x"
                            + HexFormat.of().formatHex(delimiter)
                            + " at byte "
                            + found
                            + " already, and the content has "
                            + content.length
                            + " bytes");
        }
    }

    private final class Search implements FrameSearch {
        private final Separators separators = new Separators(delimiter);

        @Override
        public @Nullable Frame findIn(ByteQueue queue) throws FrameTooLongException {
            var match = separators.findIn(queue);
            var length = match == null ? separators.searched() : match.start();
            if (length > maxLength) {
                throw new FrameTooLongException(
                        "a frame has "
                                + length
                                + (match == null ? " bytes and has not ended" : " bytes")
                                + ", but "
                                + maxLength
                                + " are allowed at most",
                        length,
                        maxLength);
            }
            return match == null ? null : new Frame(0, match.start(), match.end());
        }

        @Override
        public int expected() {
            return IncompleteReadException.UNKNOWN;
        }
    }

    @Override
    public String toString() {
        return "Framing[up to "
                + maxLength
                + " bytes before 0x"
                + HexFormat.of().formatHex(delimiter)
                + "]";
    }
}
