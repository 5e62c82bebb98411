package dev.jloop.streams;

import dev.jloop.core.EventLoop;
import dev.jloop.transports.Connection;
import dev.jloop.transports.Net;
import dev.jloop.transports.Server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/// Makes connections and servers that are used with readers and writers, on the network of the
/// current loop.
///
/// ```java
/// try (var stream = Streams.openConnection("localhost", 8080)) {
///     stream.writer().write(request);
///     return stream.reader().readAll();
/// }
/// ```
///
/// Every method suspends. Cancelled at any moment it leaves nothing open; so a limit of time is
/// `Async.withTimeout(ofSeconds(5), () -> Streams.openConnection(...))`.
///
/// **Threading:** coroutines of a loop only.
///
/// The semantics are those of `open_connection` and `start_server` in Python's `asyncio`.
///
/// @since 0.1
public final class Streams {
    private Streams() {}

    /// Connects to a host with the default options.
    ///
    /// @param host a name, or an address in literal form
    /// @param port the port
    /// @return the connection
    /// @throws java.net.UnknownHostException if the host is unknown
    /// @throws IOException if none of its addresses can be reached
    public static StreamConnection openConnection(String host, int port) throws IOException {
        return openConnection(host, port, StreamOptions.DEFAULTS);
    }

    /// Connects to a host.
    ///
    /// @param host a name, or an address in literal form
    /// @param port the port
    /// @param options the settings
    /// @return the connection
    /// @throws java.net.UnknownHostException if the host is unknown
    /// @throws IOException if none of its addresses can be reached
    /// @throws IllegalArgumentException if the host is empty, or the port is not one
    public static StreamConnection openConnection(String host, int port, StreamOptions options)
            throws IOException {
        var loop = EventLoop.current();
        return stream(Net.createConnection(clients(loop, options), host, port, options.connect()));
    }

    /// Connects to an address with the default options.
    ///
    /// @param address where to connect to
    /// @return the connection
    /// @throws IOException if the address cannot be reached
    public static StreamConnection openConnection(SocketAddress address) throws IOException {
        return openConnection(address, StreamOptions.DEFAULTS);
    }

    /// Connects to an address.
    ///
    /// @param address where to connect to
    /// @param options the settings
    /// @return the connection
    /// @throws IOException if the address cannot be reached
    public static StreamConnection openConnection(SocketAddress address, StreamOptions options)
            throws IOException {
        var loop = EventLoop.current();
        return stream(Net.createConnection(clients(loop, options), address, options.connect()));
    }

    /// Serves the connections to a host's addresses, with the default options.
    ///
    /// @param handler runs for each connection, in a task named after the peer, such as
    ///   `127.0.0.1:5123`
    /// @param host a name or an address in literal form; the empty string means all interfaces
    /// @param port the port; 0 takes any free port: see [Server#addresses()]
    /// @return the server, which serves already
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server startServer(StreamHandler handler, String host, int port)
            throws IOException {
        return startServer(handler, host, port, StreamOptions.DEFAULTS);
    }

    /// Serves the connections to a host's addresses.
    ///
    /// A handler that fails is reported to the loop's exception handler, and its connection closed.
    /// One that is cancelled closes its connection without a report, and aborts it where the peer
    /// does not read what was written. One whose connection this side has cut may fail with an
    /// `IOException` without a report. Closing the server leaves the handlers alone.
    ///
    /// @param handler runs for each connection, in a task named after the peer, such as
    ///   `127.0.0.1:5123`
    /// @param host a name or an address in literal form; the empty string means all interfaces
    /// @param port the port; 0 takes any free port: see [Server#addresses()]
    /// @param options the settings
    /// @return the server
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server startServer(
            StreamHandler handler, String host, int port, StreamOptions options)
            throws IOException {
        Objects.requireNonNull(host, "host is null; for all interfaces use \"\"");
        return Net.createServer(
                servers(EventLoop.current(), handler, options),
                List.of(host),
                port,
                options.listen());
    }

    /// Serves the connections to an address, with the default options.
    ///
    /// @param handler runs for each connection, in a task named after the peer, such as
    ///   `127.0.0.1:5123`
    /// @param address where to listen
    /// @return the server, which serves already
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server startServer(StreamHandler handler, SocketAddress address)
            throws IOException {
        return startServer(handler, address, StreamOptions.DEFAULTS);
    }

    /// Serves the connections to an address, as [#startServer(StreamHandler, String, int,
    /// StreamOptions)] does.
    ///
    /// @param handler runs for each connection, in a task named after the peer, such as
    ///   `127.0.0.1:5123`
    /// @param address where to listen
    /// @param options the settings
    /// @return the server
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server startServer(
            StreamHandler handler, SocketAddress address, StreamOptions options)
            throws IOException {
        return Net.createServer(
                servers(EventLoop.current(), handler, options), address, options.listen());
    }

    /// Reads a stream that blocks, such as the output of a [Process], as
    /// [Net#connectReadPipe(Supplier, InputStream)] does.
    ///
    /// @param source not used by anybody else; it belongs to the connection from now on
    /// @param options the limit of the reader; the others do not matter
    /// @return a connection whose writer cannot write
    public static StreamConnection connectReadPipe(InputStream source, StreamOptions options) {
        var loop = EventLoop.current();
        return stream(Net.connectReadPipe(clients(loop, options), source));
    }

    /// Reads an output of a process, as [#connectReadPipe(InputStream, StreamOptions)] does.
    ///
    /// @param source not used by anybody else; it belongs to the connection from now on
    /// @param options the limit of the reader; the others do not matter
    /// @param process who writes: what [dev.jloop.transports.Key#SUBPROCESS] gives. The connection
    ///   leaves it alone
    /// @return a connection whose writer cannot write
    public static StreamConnection connectReadPipe(
            InputStream source, StreamOptions options, ProcessHandle process) {
        var loop = EventLoop.current();
        return stream(Net.connectReadPipe(clients(loop, options), source, process));
    }

    /// Writes to a stream that blocks, such as the input of a [Process], as
    /// [Net#connectWritePipe(Supplier, OutputStream)] does. [StreamWriter#close()] and
    /// [StreamWriter#writeEof()] close it, once everything was written.
    ///
    /// @param sink not used by anybody else; it belongs to the connection from now on
    /// @param options those of the reader do not matter
    /// @return a connection whose reader gets nothing but its end
    public static StreamConnection connectWritePipe(OutputStream sink, StreamOptions options) {
        var loop = EventLoop.current();
        return stream(Net.connectWritePipe(clients(loop, options), sink));
    }

    /// Writes to the input of a process, as [#connectWritePipe(OutputStream, StreamOptions)] does.
    ///
    /// @param sink not used by anybody else; it belongs to the connection from now on
    /// @param options those of the reader do not matter
    /// @param process who reads: what [dev.jloop.transports.Key#SUBPROCESS] gives. The connection
    ///   leaves it alone
    /// @return a connection whose reader gets nothing but its end
    public static StreamConnection connectWritePipe(
            OutputStream sink, StreamOptions options, ProcessHandle process) {
        var loop = EventLoop.current();
        return stream(Net.connectWritePipe(clients(loop, options), sink, process));
    }

    private static Supplier<StreamProtocol> clients(EventLoop loop, StreamOptions options) {
        return () -> new StreamProtocol(loop, options.limit(), _ -> {});
    }

    private static Supplier<StreamProtocol> servers(
            EventLoop loop, StreamHandler handler, StreamOptions options) {
        Objects.requireNonNull(handler, "handler");
        return () ->
                new StreamProtocol(
                        loop,
                        options.limit(),
                        connection -> HandlerTask.start(loop, handler, connection));
    }

    private static StreamConnection stream(Connection<StreamProtocol> connection) {
        var protocol = connection.protocol();
        return new StreamConnection(protocol.loop(), protocol.handOut());
    }
}
