package dev.jloop.transports;

/// Counts what is dropped, and tells when that is worth a warning: after a number of silent drops,
/// and then each time the number beyond them has doubled, so that the log is not flooded.
final class DropCount {
    private final int silent;
    private long count;

    /// @param silent how many drops are no news
    DropCount(int silent) {
        this.silent = silent;
    }

    /// Counts one more.
    ///
    /// @return whether to warn of it
    boolean addIsNews() {
        count++;
        var excess = count - silent;
        return excess > 0 && Long.bitCount(excess) == 1;
    }

    long count() {
        return count;
    }
}
