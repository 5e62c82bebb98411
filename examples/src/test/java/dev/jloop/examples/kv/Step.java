package dev.jloop.examples.kv;

import java.util.List;
import java.util.Optional;

/// One call of a client, and after how many writes it took effect.
///
/// @param what for people
/// @param began the moment before which it had no effect
/// @param ended the moment after which it had none
/// @param place after how many writes; a write counts itself
record Step(String what, boolean isRead, int began, int ended, int place) {
    /// {@return two steps where one began after the other had ended, and took effect before it}
    static Optional<String> firstContradiction(List<Step> steps) {
        for (var first : steps) {
            for (var second : steps) {
                // A read may have the place of the write before it, but not the other way round.
                var late =
                        second.isRead()
                                ? second.place() < first.place()
                                : second.place() <= first.place();
                if (first.ended() < second.began() && late) {
                    return Optional.of(
                            (second.isRead() ? "stale: " : "out of order: ")
                                    + second
                                    + " began after "
                                    + first
                                    + " had ended");
                }
            }
        }
        return Optional.empty();
    }
}
