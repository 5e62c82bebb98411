package dev.jloop.streams;

import dev.jloop.core.SelectorEventLoop;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;

/// Whether anybody can use a stream: reachable as long as its reader or its writer is.
///
/// The network reaches the protocol of every connection, so the protocol must not reach this once
/// reader and writer were handed out. When the garbage collector has found that nobody can close
/// the connection any more, the protocol is told.
final class StreamUse {
    /// Made where it is needed, as it has a thread.
    private static final class Watch {
        static final Cleaner CLEANER = Cleaner.create();
    }

    private StreamUse() {}

    /// {@return an object for the reader and the writer of `protocol` to hold}
    ///
    /// On a loop of virtual time nobody is told, as a run there must not depend on the garbage
    /// collector: such a loop reports what was left open when it is closed.
    static StreamUse of(StreamProtocol protocol) {
        var use = new StreamUse();
        if (protocol.loop().getClass() == SelectorEventLoop.class) {
            var told = new WeakReference<>(protocol); // a loop that nobody closes is garbage too
            protocol.whenLost(Watch.CLEANER.register(use, () -> tell(told.get())));
        }
        return use;
    }

    /// On the cleaner's thread, or on the loop's when the connection is lost.
    private static void tell(@Nullable StreamProtocol protocol) {
        if (protocol == null || protocol.isLost() || protocol.loop().isClosed()) {
            return; // a loop that is closed has reported it
        }
        try {
            protocol.loop().callSoonThreadsafe(protocol::abandoned);
        } catch (IllegalStateException closedMeanwhile) {
            // As above.
        }
    }
}
