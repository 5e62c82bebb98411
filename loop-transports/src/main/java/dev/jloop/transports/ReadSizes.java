package dev.jloop.transports;

/// Guesses from past reads how much the next one gives.
final class ReadSizes {
    private ReadSizes() {}

    /// {@return what to expect after a read} It falls slowly, as a long message may come in parts.
    ///
    /// @param expected before it
    /// @param count how many bytes it gave
    static int expectedAfter(int expected, int count) {
        return Math.max(count, expected - expected / 8);
    }
}
