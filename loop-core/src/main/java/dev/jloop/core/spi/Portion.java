package dev.jloop.core.spi;

import java.nio.channels.SelectionKey;

/// How much a poll tells of before the loop answers it: what is read of so many channels fits into
/// the memory that the loop reads into, and into the caches of the processor, until it is answered.
final class Portion {
    private static final int MOST_CHANNELS = 64;

    /// Looked at before a channel is added, so that one of large messages is told of too.
    private static final int MOST_BYTES = 128 * 1024;

    private boolean countsBytes;
    private int channels;
    private int bytes;

    /// @param mayWait whether the loop has nothing else to do: otherwise what is read is not
    ///   answered at once, and the channels left over would wait for the rest of its work
    void begin(boolean mayWait) {
        countsBytes = mayWait;
        channels = 0;
        bytes = 0;
    }

    boolean isFull() {
        return channels == MOST_CHANNELS || (countsBytes && bytes >= MOST_BYTES);
    }

    /// {@return how many channels this poll has told of}
    int channels() {
        return channels;
    }

    /// Tells a listener, which counts.
    void tell(Poller.Listener listener, int operations) {
        channels++;
        if ((operations & SelectionKey.OP_READ) != 0) {
            bytes += Math.min(listener.expectedBytes(), MOST_BYTES);
        }
        listener.ready(operations);
    }
}
