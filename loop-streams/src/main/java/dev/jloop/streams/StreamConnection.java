package dev.jloop.streams;

import dev.jloop.core.EventLoop;

import java.io.IOException;

/// A connection made by [Streams#openConnection(String, int)]: its reader and its writer.
///
/// It is the user's to close. When the garbage collector finds that neither the reader nor the
/// writer can be reached any more and nobody has closed it, that is reported to the loop's
/// exception handler, and the connection is closed; at the latest that happens when the loop is
/// closed.
///
/// @since 0.1
public final class StreamConnection implements AutoCloseable {
    private final EventLoop loop;
    private final StreamWriter writer;

    StreamConnection(EventLoop loop, StreamWriter writer) {
        this.loop = loop;
        this.writer = writer;
    }

    /// {@return what the peer sends}
    public StreamReader reader() {
        return writer.reader();
    }

    /// {@return what the peer gets}
    public StreamWriter writer() {
        return writer;
    }

    /// Closes the writer, and suspends until everything written has been sent and the connection
    /// has ended.
    ///
    /// Where the task was cancelled, before this or while it waits, it aborts the connection
    /// instead, so that a peer that does not read cannot hold up a cancellation or a timeout: what
    /// was not sent yet is dropped, and the peer gets an error then.
    ///
    /// @throws IOException if the connection was broken, with the reason as the cause
    @Override
    public void close() throws IOException {
        var ended = false;
        try {
            if (isCancelled()) {
                writer().transport().abort();
            } else {
                writer().close();
            }
            writer().waitClosed();
            ended = true;
        } finally {
            if (!ended) {
                writer().transport().abort();
            }
        }
    }

    private boolean isCancelled() {
        var task = loop.currentTask();
        return task != null && task.cancelling() > 0;
    }

    @Override
    public String toString() {
        return "StreamConnection[" + writer().transport() + "]";
    }
}
