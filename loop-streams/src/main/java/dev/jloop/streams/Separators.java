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
        Match first = null;
        for (var separator : shortestFirst) {
            var at = queue.indexOf(separator, searched);
            if (at >= 0 && (first == null || at + separator.length < first.end())) {
                first = new Match(at, at + separator.length);
            }
        }
        if (first == null) {
            searched = Math.max(searched, queue.size() + 1 - longest);
        }
        return first;
    }

    /// {@return how many bytes can be no part of a separator any more}
    int searched() {
        return searched;
    }
}
