package dev.jloop.examples.kv;

import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.Streams;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;

/// Requests to one node and their replies, one at a time, over a connection that is made when it is
/// needed. One coroutine at a time.
final class Exchange implements AutoCloseable {
    private final NodeAddress node;
    private @Nullable StreamConnection connection;

    Exchange(NodeAddress node) {
        this.node = node;
    }

    /// Sends a request and waits for the reply. Suspends. Where it fails, is too late or is
    /// cancelled, the connection is given up, for the reply could be taken for that of the next.
    ///
    /// @throws IOException if there is no reply in time; whether the request has arrived is unknown
    Reply call(Request request, Duration limit) throws IOException {
        var answered = false;
        try {
            var reply = Timeout.after(limit).call(() -> callNow(request));
            answered = true;
            return reply;
        } catch (TimedOutException late) {
            throw new IOException("node " + node + " has not answered within " + limit, late);
        } finally {
            if (!answered) {
                close();
            }
        }
    }

    private Reply callNow(Request request) throws IOException {
        if (connection == null) {
            connection = Streams.openConnection(node.host(), node.port());
        }
        connection.writer().write(Wire.bytes(request));
        connection.writer().drain();
        return Wire.readReply(connection.reader());
    }

    /// Cuts the connection, if there is one.
    @Override
    public void close() {
        if (connection != null) {
            connection.writer().transport().abort();
            connection = null;
        }
    }
}
