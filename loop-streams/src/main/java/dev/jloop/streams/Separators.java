package dev.jloop.streams;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Comparator;

/// One or several byte sequences that end a record, and the search for the first of them.
///
/// The search goes on where it stopped, apart from the last bytes, with which a separator may
/// begin. So bytes that come in small pieces are not looked at again with each piece.
final class Separators {
    /// Where a separator was found.
    record Match(int start, int end) {}

    private final byte[][] shortestFirst;
    private final int longest;
    private int searched;

    Separators(byte[]... separators) {
        if (separators.length == 0) {
            throw new IllegalArgumentException("at least one separator is needed");
        }
        if (Arrays.stream(separators).anyMatch(separator -> separator.length == 0)) {
            throw new IllegalArgumentException("a separator must have at least one byte");
        }
        shortestFirst = separators.clone();
        Arrays.sort(shortestFirst, Comparator.comparingInt(separator -> separator.length));
        longest = shortestFirst[shortestFirst.length - 1].length;
    }

    /// {@return the match that ends first, of equals that with the shortest separator; null if
    /// there is none yet}
    @Nullable Match findIn(ByteQueue queue) {
        var match = shortestFirst.length == 1 ? findOnly(queue) : findFirst(queue);
        if (match == null) {
            searched = Math.max(searched, queue.size() + 1 - longest);
        }
        return match;
    }

    private @Nullable Match findOnly(ByteQueue queue) {
        var separator = shortestFirst[0];
        var start = queue.indexOf(separator, searched);
        return start < 0 ? null : new Match(start, start + separator.length);
    }

    /// Goes by ends and not by separators, so that a separator that does not occur costs no search
    /// of everything behind the match.
    private @Nullable Match findFirst(ByteQueue queue) {
        for (var end = searched + 1; end <= queue.size(); end++) {
            for (var separator : shortestFirst) {
                var start = end - separator.length;
                if (start >= searched && queue.startsWith(separator, start)) {
                    return new Match(start, end);
                }
            }
        }
        return null;
    }

    /// {@return how many bytes can be no part of a separator any more}
    int searched() {
        return searched;
    }
}
