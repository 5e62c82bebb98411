package dev.jloop.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Key;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.StandardSocketOptions;

/// A connection to a [ChatServer].
///
/// **Threading:** loop thread only; one coroutine may read while another one writes.
public final class ChatClient implements AutoCloseable {
    private final StreamConnection connection;

    private ChatClient(StreamConnection connection) {
        this.connection = connection;
    }

    /// Connects. Suspends.
    ///
    /// @param host the name or address of the server
    /// @param port its port
    /// @return the connection, on which the server has not said anything yet
    /// @throws IOException if it cannot be reached
    public static ChatClient connect(String host, int port) throws IOException {
        return connect(host, port, StreamOptions.DEFAULTS);
    }

    static ChatClient connect(String host, int port, StreamOptions options) throws IOException {
        return new ChatClient(Streams.openConnection(host, port, options));
    }

    /// Sends one line: what is said, or a command. Suspends while too much is queued.
    ///
    /// @param line without a line feed
    /// @throws IOException if the connection is lost
    /// @throws IllegalArgumentException if the line has a line feed, which would make it two
    public void send(String line) throws IOException {
        if (line.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a line feed within a line: " + line);
        }
        connection.writer().write((line + "\n").getBytes(UTF_8));
    }

    /// Waits for the next line. Suspends.
    ///
    /// @return the line without its line feed; null when the server has ended the connection
    /// @throws IOException if the connection is lost
    public @Nullable String receive() throws IOException {
        var line = connection.reader().readLine();
        return line.length == 0 ? null : new String(line, UTF_8).stripTrailing();
    }

    /// Makes the kernel keep little of what comes. There is none on a simulated network.
    void limitReceiveBuffer(int bytes) throws IOException {
        var channel = connection.writer().extra(Key.CHANNEL);
        if (channel != null) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, bytes);
        }
    }

    /// Cuts the connection, as a client does that crashes.
    public void abort() {
        connection.writer().transport().abort();
    }

    /// Ends the connection, when everything has been sent. Suspends.
    ///
    /// @throws IOException if the connection was broken
    @Override
    public void close() throws IOException {
        connection.close();
    }
}
