package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Makes connections, servers and endpoints for datagrams, on the [Network] of the current loop.
///
/// Every method suspends the calling coroutine and returns when the connection is made, or the
/// server or the endpoint is there. Cancelled at any moment it leaves nothing open; so a limit of
/// time is `Async.withTimeout(ofSeconds(5), () -> Net.createConnection(...))`.
///
/// Addresses are internet addresses or, except for datagrams, `java.net.UnixDomainSocketAddress`. A
/// Unix socket is open to who may enter its folder and, on most systems, write to its file; so a
/// private one belongs into a private folder. What happens to the file:
/// [ListenOptions#withCleanupSocket(boolean)].
///
/// **Threading:** coroutines of a loop only.
///
/// The semantics are those of `create_connection`, `create_server` and `create_datagram_endpoint`
/// in Python's `asyncio`.
///
/// @since 0.1
public final class Net {
    private static final int MAX_PORT = 65_535;

    private Net() {}

    /// Connects to a host with the default options.
    ///
    /// @param factory makes the protocol, once the connection is there
    /// @param host a name, or an address in literal form
    /// @param port the port
    /// @param <P> the type of the protocol
    /// @return the connection, after the protocol's `connectionMade`
    /// @throws IOException if the host is unknown, or none of its addresses can be reached
    public static <P extends Protocol> Connection<P> createConnection(
            Supplier<? extends P> factory, String host, int port) throws IOException {
        return createConnection(factory, host, port, ConnectOptions.DEFAULTS);
    }

    /// Connects to a host. Where it has several addresses they race, each with a head start over
    /// the next, and the first connection that is made wins: see
    /// [ConnectOptions#withHappyEyeballsDelay(java.time.Duration)].
    ///
    /// @param factory makes the protocol, once the connection is there
    /// @param host a name, or an address in literal form
    /// @param port the port
    /// @param options the settings
    /// @param <P> the type of the protocol
    /// @return the connection, after the protocol's `connectionMade`
    /// @throws java.net.UnknownHostException if the host is unknown
    /// @throws IOException if none of its addresses can be reached. The message names all of them
    ///   with the reasons; the single errors are its cause and its suppressed exceptions, or as
    ///   [ConnectOptions#withAllErrors(boolean)] says
    /// @throws IllegalArgumentException if the host is empty, or the port is not one
    public static <P extends Protocol> Connection<P> createConnection(
            Supplier<? extends P> factory, String host, int port, ConnectOptions options)
            throws IOException {
        Objects.requireNonNull(factory, "factory");
        Objects.requireNonNull(options, "options");
        checkHost(host);
        checkPort(port);
        var target = options.tls() == null ? null : TlsTarget.of(options.tls(), host, port);
        var loop = EventLoop.current();
        var connector = new Connector(loop, Addresses.text(host, port), options);
        var link = connector.connect(host, port);
        return serve(loop, secure(loop, link, target, Addresses.text(host, port)), host, factory);
    }

    /// Connects to an address with the default options.
    ///
    /// @param factory makes the protocol, once the connection is there
    /// @param address where to connect to
    /// @param <P> the type of the protocol
    /// @return the connection, after the protocol's `connectionMade`
    /// @throws IOException if the address cannot be reached
    public static <P extends Protocol> Connection<P> createConnection(
            Supplier<? extends P> factory, SocketAddress address) throws IOException {
        return createConnection(factory, address, ConnectOptions.DEFAULTS);
    }

    /// Connects to an address; one that is not resolved is resolved first.
    ///
    /// @param factory makes the protocol, once the connection is there
    /// @param address where to connect to
    /// @param options the settings
    /// @param <P> the type of the protocol
    /// @return the connection, after the protocol's `connectionMade`
    /// @throws IOException if the address cannot be reached; the message names it
    public static <P extends Protocol> Connection<P> createConnection(
            Supplier<? extends P> factory, SocketAddress address, ConnectOptions options)
            throws IOException {
        if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
            return createConnection(factory, inet.getHostString(), inet.getPort(), options);
        }
        Objects.requireNonNull(factory, "factory");
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(options, "options");
        var target = options.tls() == null ? null : TlsTarget.of(options.tls(), address);
        var loop = EventLoop.current();
        var connector = new Connector(loop, Addresses.text(address), options);
        var link = connector.connect(address);
        var host = address instanceof InetSocketAddress inet ? inet.getHostString() : null;
        return serve(loop, secure(loop, link, target, Addresses.text(address)), host, factory);
    }

    /// Takes over a socket that was connected elsewhere. It is closed if this fails or is
    /// cancelled.
    ///
    /// @param factory makes the protocol
    /// @param channel a connected channel, in either mode; it belongs to the transport from now on
    /// @param options without a local address, which comes too late here; those of TLS need a
    ///   server name. What is about the way to a connection has no effect
    /// @param <P> the type of the protocol
    /// @return the connection, after the protocol's `connectionMade`
    /// @throws IOException if the channel cannot be used
    /// @throws IllegalArgumentException if the channel is not connected, a local address is given,
    ///   or the server name of TLS is not; then the channel stays the caller's
    /// @throws IllegalStateException if the channel belongs to a transport already, or something
    ///   waits for it; that goes on undisturbed
    public static <P extends Protocol> Connection<P> createConnection(
            Supplier<? extends P> factory, SocketChannel channel, ConnectOptions options)
            throws IOException {
        Objects.requireNonNull(factory, "factory");
        if (!options.localAddresses().isEmpty()) {
            throw new IllegalArgumentException(
                    "a local address was given for a channel that is connected already: "
                            + options.localAddresses().stream()
                                    .map(Addresses::text)
                                    .collect(Collectors.joining(", "))
                            + "; bind the channel before you connect it");
        }
        var target = options.tls() == null ? null : TlsTarget.of(options.tls(), null, null);
        return takeOver(factory, channel, target);
    }

    /// Takes over a socket that was accepted elsewhere. It is closed if this fails or is cancelled.
    ///
    /// @param factory makes the protocol
    /// @param channel a connected channel, in either mode; it belongs to the transport from now on
    /// @param <P> the type of the protocol
    /// @return the connection, after the protocol's `connectionMade`
    /// @throws IOException if the channel cannot be used
    /// @throws IllegalArgumentException if the channel is not connected; then it stays the caller's
    /// @throws IllegalStateException if the channel belongs to a transport already, or something
    ///   waits for it; that goes on undisturbed
    public static <P extends Protocol> Connection<P> connectAcceptedSocket(
            Supplier<? extends P> factory, SocketChannel channel) throws IOException {
        return takeOver(factory, channel, null);
    }

    /// Takes over a socket that was accepted elsewhere, and secures it with TLS. It is closed if
    /// this fails or is cancelled.
    ///
    /// @param factory makes the protocol, once the handshake has ended
    /// @param channel a connected channel, in either mode; it belongs to the transport from now on
    /// @param tls the settings of a server
    /// @param <P> the type of the protocol
    /// @return the connection, after the protocol's `connectionMade`
    /// @throws IOException if the channel cannot be used, or the handshake fails
    /// @throws IllegalArgumentException if the channel is not connected, or the settings are those
    ///   of a client; then it stays the caller's
    public static <P extends Protocol> Connection<P> connectAcceptedSocket(
            Supplier<? extends P> factory, SocketChannel channel, TlsOptions tls)
            throws IOException {
        if (tls.side() != TlsOptions.Side.SERVER) {
            throw new IllegalArgumentException(
                    "an accepted socket needs TlsOptions.server(context); to be a client on it, use"
                            + " createConnection(factory, channel, options)");
        }
        return takeOver(factory, channel, new TlsServing(tls));
    }

    private static <P extends Protocol> Connection<P> takeOver(
            Supplier<? extends P> factory, SocketChannel channel, @Nullable TlsSide tls)
            throws IOException {
        Objects.requireNonNull(factory, "factory");
        var loop = EventLoop.current();
        if (!channel.isConnected() || !channel.isOpen()) {
            throw new IllegalArgumentException(
                    channel + " is not connected; connect it first, or give its address instead");
        }
        var link = linkTo(channel, () -> new SocketLink(loop, channel));
        var peer = Addresses.text(link.remoteAddress());
        return serve(loop, secure(loop, link, tls, peer), null, factory);
    }

    /// Makes the link to a channel.
    @FunctionalInterface
    private interface LinkMaker<L> {
        L make() throws IOException;
    }

    /// A channel that is in use elsewhere is left alone; one that does not work is closed.
    private static <L> L linkTo(SelectableChannel channel, LinkMaker<L> maker) throws IOException {
        try {
            channel.configureBlocking(false);
            return maker.make();
        } catch (IOException | UncheckedIOException failure) {
            channel.close();
            throw failure;
        }
    }

    /// Reads from a pipe of `java.nio`.
    ///
    /// The end of the pipe ends the transport: `eofReceived`, whatever it returns, and on the next
    /// turn `connectionLost` with null. Writing throws `UnsupportedOperationException`.
    ///
    /// @param factory makes the protocol
    /// @param source an open channel, in either mode; it belongs to the transport from now on, and
    ///   is closed if this fails or is cancelled
    /// @param <P> the type of the protocol
    /// @return the transport and its protocol, after the protocol's `connectionMade`
    /// @throws IOException if the channel cannot be used
    /// @throws IllegalArgumentException if the channel is closed
    /// @throws IllegalStateException if the channel belongs to a transport already, or something
    ///   waits for it; that goes on undisturbed
    public static <P extends Protocol> Connection<P> connectReadPipe(
            Supplier<? extends P> factory, Pipe.SourceChannel source) throws IOException {
        return servePipe(factory, source, loop -> new PipeSourceLink(loop, source));
    }

    /// Reads from a stream that blocks, such as the output of a [Process], as
    /// [#connectReadPipe(Supplier, Pipe.SourceChannel)] does.
    ///
    /// A daemon thread of its own reads 64 KiB at a time, and only what is wanted: while reading is
    /// paused, the thread rests, after the read under way. That thread closes the stream too: after
    /// the transport has ended it may still be in a read, which nothing can interrupt, until bytes
    /// or the end come. The end of a process is such an end, unless its own children hold the pipe.
    /// What these write after the end of the process may be lost, because the JDK closes the pipe
    /// then, unless the thread is in a read.
    ///
    /// On a virtual clock no time passes while the thread reads.
    ///
    /// @param factory makes the protocol
    /// @param source not used by anybody else; it belongs to the transport from now on, and is
    ///   closed if this fails or is cancelled
    /// @param <P> the type of the protocol
    /// @return the transport and its protocol, after the protocol's `connectionMade`
    public static <P extends Protocol> Connection<P> connectReadPipe(
            Supplier<? extends P> factory, InputStream source) {
        Objects.requireNonNull(source, "source");
        return servePipe(factory, loop -> new InputStreamLink(loop, source, null));
    }

    /// Reads an output of a process, as [#connectReadPipe(Supplier, InputStream)] does.
    ///
    /// @param factory makes the protocol
    /// @param source not used by anybody else; it belongs to the transport from now on, and is
    ///   closed if this fails or is cancelled
    /// @param process who writes: what [Key#SUBPROCESS] gives. The transport leaves it alone
    /// @param <P> the type of the protocol
    /// @return the transport and its protocol, after the protocol's `connectionMade`
    public static <P extends Protocol> Connection<P> connectReadPipe(
            Supplier<? extends P> factory, InputStream source, ProcessHandle process) {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(process, "process");
        return servePipe(factory, loop -> new InputStreamLink(loop, source, process));
    }

    /// Writes to a pipe of `java.nio`.
    ///
    /// `writeEof()` is the same as `close()`: both send everything written and close the pipe.
    /// Pausing and resuming the reading throws `UnsupportedOperationException`.
    ///
    /// When the reader has gone, `connectionLost` gets an [IOException]: at once where bytes are
    /// queued, otherwise with the next write, because the JDK does not tell earlier.
    ///
    /// @param factory makes the protocol, a [StreamingProtocol] or [BufferedProtocol] that receives
    ///   nothing
    /// @param sink an open channel, in either mode; it belongs to the transport from now on, and is
    ///   closed if this fails or is cancelled
    /// @param <P> the type of the protocol
    /// @return the transport and its protocol, after the protocol's `connectionMade`
    /// @throws IOException if the channel cannot be used
    /// @throws IllegalArgumentException if the channel is closed
    /// @throws IllegalStateException if the channel belongs to a transport already, or something
    ///   waits for it; that goes on undisturbed
    public static <P extends Protocol> Connection<P> connectWritePipe(
            Supplier<? extends P> factory, Pipe.SinkChannel sink) throws IOException {
        return servePipe(factory, sink, loop -> new PipeSinkLink(loop, sink));
    }

    /// Writes to a stream that blocks, such as the input of a [Process], as
    /// [#connectWritePipe(Supplier, Pipe.SinkChannel)] does.
    ///
    /// A daemon thread of its own writes and flushes up to 64 KiB at a time, which
    /// [Transport#writeBufferSize()] does not count any more. `connectionLost` comes after it has
    /// written the last byte and closed the stream, with the failure if that failed. After
    /// [Transport#abort()] the thread may still be in a write, which nothing can interrupt, until
    /// the other end reads or is closed, as it is at the end of a process.
    ///
    /// On a virtual clock no time passes while the thread writes.
    ///
    /// @param factory makes the protocol, a [StreamingProtocol] or [BufferedProtocol] that receives
    ///   nothing
    /// @param sink not used by anybody else; it belongs to the transport from now on, and is closed
    ///   if this fails or is cancelled
    /// @param <P> the type of the protocol
    /// @return the transport and its protocol, after the protocol's `connectionMade`
    public static <P extends Protocol> Connection<P> connectWritePipe(
            Supplier<? extends P> factory, OutputStream sink) {
        Objects.requireNonNull(sink, "sink");
        return servePipe(factory, loop -> new OutputStreamLink(loop, sink, null));
    }

    /// Writes to the input of a process, as [#connectWritePipe(Supplier, OutputStream)] does.
    ///
    /// @param factory makes the protocol, a [StreamingProtocol] or [BufferedProtocol] that receives
    ///   nothing
    /// @param sink not used by anybody else; it belongs to the transport from now on, and is closed
    ///   if this fails or is cancelled
    /// @param process who reads: what [Key#SUBPROCESS] gives. The transport leaves it alone
    /// @param <P> the type of the protocol
    /// @return the transport and its protocol, after the protocol's `connectionMade`
    public static <P extends Protocol> Connection<P> connectWritePipe(
            Supplier<? extends P> factory, OutputStream sink, ProcessHandle process) {
        Objects.requireNonNull(sink, "sink");
        Objects.requireNonNull(process, "process");
        return servePipe(factory, loop -> new OutputStreamLink(loop, sink, process));
    }

    private static <P extends Protocol> Connection<P> servePipe(
            Supplier<? extends P> factory, Function<EventLoop, PipeLink> link) {
        Objects.requireNonNull(factory, "factory");
        var loop = EventLoop.current();
        return serve(loop, link.apply(loop), null, factory);
    }

    private static <P extends Protocol> Connection<P> servePipe(
            Supplier<? extends P> factory,
            SelectableChannel end,
            Function<EventLoop, Network.Link> link)
            throws IOException {
        Objects.requireNonNull(factory, "factory");
        var loop = EventLoop.current();
        if (!end.isOpen()) {
            throw new IllegalArgumentException(end + " is closed; open another pipe");
        }
        return serve(loop, linkTo(end, () -> link.apply(loop)), null, factory);
    }

    /// Secures a connection that is made already, as after the command `STARTTLS` of a protocol.
    /// Suspends until the handshake has ended.
    ///
    /// What was written before is sent first, as it is, however long the peer takes; the limit of
    /// the handshake counts from then on. While this runs nothing is read from the peer for the
    /// protocol, and writing is refused, so that no byte goes the wrong way. Then the new protocol
    /// takes the events, without a call of `connectionMade`; what the peer sends comes to it in a
    /// later turn than the result to the caller. If writing is paused, the new protocol is told.
    ///
    /// A transport of this library is secured in place: the same object is returned. Another
    /// implementation of [Transport] is wrapped in a new one, and must not be used by itself any
    /// more.
    ///
    /// The caller has to know that the peer has sent nothing yet that belongs to the secured
    /// connection: bytes that were received together with the command that started this came
    /// unsecured, from anybody on the way, and have to be refused. What is still on the way in the
    /// clear makes the handshake fail.
    ///
    /// Failed or cancelled it aborts the connection; the old protocol gets `connectionLost` then.
    ///
    /// @param transport the connection to secure
    /// @param protocol takes the events afterwards; the present one may go on
    /// @param options the settings of a client or of a server, whichever side this is. A client
    ///   that names no server name in them has to have connected to a host
    /// @return what to use from now on
    /// @throws IOException if the handshake fails or the connection is lost
    /// @throws IllegalStateException if the connection is closing, or one direction has ended, or
    ///   while a file is sent, or another `startTls` runs; then the connection stays as it is
    /// @throws IllegalArgumentException if the protocol is of no known kind, or a client has no
    ///   name to check; then the connection stays as it is
    /// @throws UnsupportedOperationException if it is a pipe; then it stays as it is
    public static Transport startTls(Transport transport, Protocol protocol, TlsOptions options)
            throws IOException {
        Objects.requireNonNull(transport, "transport");
        Objects.requireNonNull(protocol, "protocol");
        var own = transport instanceof StreamTransport stream ? stream : null;
        TlsSide side =
                switch (options.side()) {
                    case CLIENT ->
                            TlsTarget.of(
                                    options,
                                    own == null ? null : own.host(),
                                    transport.extra(Key.PEER_ADDRESS));
                    case SERVER -> new TlsServing(options);
                };
        if (own != null) {
            own.startTls(protocol, side);
            return own;
        }
        return TransportLink.startTls(EventLoop.current(), transport, protocol, side);
    }

    /// Listens on one address with the default options.
    ///
    /// @param factory makes a protocol for each connection
    /// @param address where to listen; port 0 takes any free port
    /// @return the server, which serves already
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server createServer(Supplier<? extends Protocol> factory, SocketAddress address)
            throws IOException {
        return createServer(factory, address, ListenOptions.DEFAULTS);
    }

    /// Listens on one address.
    ///
    /// @param factory makes a protocol for each connection; where it fails, that is reported and
    ///   the connection closed
    /// @param address where to listen; port 0 takes any free port
    /// @param options the settings
    /// @return the server
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server createServer(
            Supplier<? extends Protocol> factory, SocketAddress address, ListenOptions options)
            throws IOException {
        return createServer(factory, List.of(address), options);
    }

    /// Listens on several addresses, on all of them or on none.
    ///
    /// The address of all interfaces, `0.0.0.0` or `::`, is served in both versions of the internet
    /// protocol where the machine has both: the JDK knows no other way. So where both are given for
    /// one port they are one. To serve one version only, give the addresses of the interfaces.
    ///
    /// @param factory makes a protocol for each connection; where it fails, that is reported and
    ///   the connection closed
    /// @param addresses where to listen, at least one; what occurs twice counts once. Port 0 takes
    ///   any free port, another one for each address
    /// @param options the settings
    /// @return the server
    /// @throws IOException if it cannot listen on one of them; the message names that one
    /// @throws IllegalArgumentException if no address is given
    public static Server createServer(
            Supplier<? extends Protocol> factory,
            List<? extends SocketAddress> addresses,
            ListenOptions options)
            throws IOException {
        Objects.requireNonNull(factory, "factory");
        var loop = EventLoop.current();
        var listeners = new Binder(Network.of(loop), options).listenOn(addresses);
        return serve(loop, listeners, factory, options);
    }

    /// Listens on all addresses of several hosts, on all of them or on none. An address of version
    /// 6 is left out on a machine that has none. For `0.0.0.0` and `::` see
    /// [#createServer(Supplier, List, ListenOptions)].
    ///
    /// @param factory makes a protocol for each connection; where it fails, that is reported and
    ///   the connection closed
    /// @param hosts names, or addresses in literal form; the empty string means all interfaces.
    ///   Addresses that occur twice count once
    /// @param port the port; 0 takes any free port, another one for each address
    /// @param options the settings
    /// @return the server
    /// @throws java.net.UnknownHostException if a host is unknown
    /// @throws IOException if it cannot listen on one of the addresses; the message names that one
    /// @throws IllegalArgumentException if no host is given, or the port is not one
    public static Server createServer(
            Supplier<? extends Protocol> factory,
            List<String> hosts,
            int port,
            ListenOptions options)
            throws IOException {
        Objects.requireNonNull(factory, "factory");
        checkPort(port);
        var loop = EventLoop.current();
        var listeners = new Binder(Network.of(loop), options).listenOn(hosts, port);
        return serve(loop, listeners, factory, options);
    }

    /// Opens an endpoint for datagrams with the default options.
    ///
    /// A server gives the local address, a client the remote one. A server that answers each
    /// datagram to its sender, and its use:
    ///
    /// ```java
    /// final class Echo implements DatagramProtocol {
    ///     private DatagramTransport transport;
    ///
    ///     @Override
    ///     public void connectionMade(DatagramTransport transport) {
    ///         this.transport = transport;
    ///     }
    ///
    ///     @Override
    ///     public void datagramReceived(ByteBuf data, SocketAddress sender) {
    ///         transport.sendTo(data.retain(), sender); // borrowed, so retain what is given on
    ///     }
    /// }
    ///
    /// var echo = Net.createDatagramEndpoint(Echo::new, new InetSocketAddress(9999), null);
    /// try {
    ///     Async.sleep(Duration.ofHours(1));
    /// } finally {
    ///     echo.transport().close();
    /// }
    /// ```
    ///
    /// @param factory makes the protocol
    /// @param local where to receive; port 0 takes any free port. Null takes any address and port
    /// @param remote the only address to send to and to receive from; null for everyone
    /// @param <P> the type of the protocol
    /// @return the endpoint, after the protocol's `connectionMade`
    /// @throws IOException as for [#createDatagramEndpoint(Supplier, SocketAddress, SocketAddress,
    ///   DatagramOptions)]
    /// @throws IllegalArgumentException if neither address is given, or the remote port is 0
    public static <P extends DatagramProtocol> DatagramEndpoint<P> createDatagramEndpoint(
            Supplier<? extends P> factory,
            @Nullable SocketAddress local,
            @Nullable SocketAddress remote)
            throws IOException {
        return createDatagramEndpoint(factory, local, remote, DatagramOptions.DEFAULTS);
    }

    /// Opens an endpoint for datagrams. Addresses that are not resolved are resolved first, and the
    /// first pair of the same family that works is used.
    ///
    /// Where a remote address is given the endpoint is connected, which sends nothing: it receives
    /// from that address only, and learns by [DatagramProtocol#errorReceived(IOException)] when
    /// nobody receives there. [DatagramOptions#withBroadcast(boolean)] leaves it unconnected.
    ///
    /// @param factory makes the protocol; what it throws is passed on
    /// @param local where to receive; port 0 takes any free port, and the wildcard address serves
    ///   IPv4 and IPv6. Null takes any address and port
    /// @param remote the only address to send to and to receive from; null for everyone
    /// @param options the settings
    /// @param <P> the type of the protocol
    /// @return the endpoint, after the protocol's `connectionMade`
    /// @throws java.net.UnknownHostException if a host is unknown
    /// @throws IOException if the endpoint cannot be opened; the message names the addresses. A
    ///   `java.net.BindException` if the local address is in use or not of this machine
    /// @throws IllegalArgumentException if neither address is given, or the remote port is 0
    /// @throws UnsupportedOperationException if the address is that of a Unix socket, or the
    ///   network has no datagrams
    public static <P extends DatagramProtocol> DatagramEndpoint<P> createDatagramEndpoint(
            Supplier<? extends P> factory,
            @Nullable SocketAddress local,
            @Nullable SocketAddress remote,
            DatagramOptions options)
            throws IOException {
        Objects.requireNonNull(factory, "factory");
        Objects.requireNonNull(options, "options");
        var loop = EventLoop.current();
        var bound = new DatagramBinder(Network.of(loop), options).open(local, remote);
        return serve(loop, bound, factory, options);
    }

    /// Takes over a socket for datagrams that was made elsewhere, with the options it has. It is
    /// closed if this fails or is cancelled.
    ///
    /// @param factory makes the protocol; what it throws is passed on
    /// @param channel bound, and connected if all datagrams go to and come from one address, in
    ///   either mode; it belongs to the transport from now on
    /// @param <P> the type of the protocol
    /// @return the endpoint, after the protocol's `connectionMade`
    /// @throws IOException if the channel cannot be used
    /// @throws IllegalArgumentException if the channel is closed or not bound; then it stays the
    ///   caller's
    /// @throws IllegalStateException if the channel belongs to a transport already, or something
    ///   waits for it; that goes on undisturbed
    public static <P extends DatagramProtocol> DatagramEndpoint<P> createDatagramEndpoint(
            Supplier<? extends P> factory, DatagramChannel channel) throws IOException {
        Objects.requireNonNull(factory, "factory");
        var loop = EventLoop.current();
        if (!channel.isOpen() || channel.getLocalAddress() == null) {
            throw new IllegalArgumentException(
                    channel
                            + " is closed or not bound; bind it first, or give its address"
                            + " instead");
        }
        var link = linkTo(channel, () -> new SocketDatagramLink(loop, channel));
        var bound = new DatagramBinder.Bound(link, link.remoteAddress());
        return serve(loop, bound, factory, DatagramOptions.DEFAULTS);
    }

    private static <P extends DatagramProtocol> DatagramEndpoint<P> serve(
            EventLoop loop,
            DatagramBinder.Bound bound,
            Supplier<? extends P> factory,
            DatagramOptions options) {
        LoopFuture<@Nullable Void> started = loop.createFuture();
        var transport =
                DatagramLinkTransport.start(
                        loop, bound, factory, options, () -> Readiness.complete(started));
        @SuppressWarnings("unchecked") // the factory has just made it
        var protocol = (P) transport.protocol();
        awaitStart(started, transport::abort);
        return new DatagramEndpoint<>(transport, protocol);
    }

    private static void checkHost(String host) {
        if (Objects.requireNonNull(host, "host").isEmpty()) {
            throw new IllegalArgumentException(
                    "the host to connect to is empty; for this machine use \"localhost\"");
        }
    }

    private static void checkPort(int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "port must be between 0 and " + MAX_PORT + ", was " + port);
        }
    }

    private static Server serve(
            EventLoop loop,
            List<Network.Listener> listeners,
            Supplier<? extends Protocol> factory,
            ListenOptions options) {
        var server = new StreamServer(loop, factory, listeners, options);
        if (options.startServing()) {
            server.startServing();
        }
        return server;
    }

    /// Suspends until a handshake has ended, if there is to be one. The link belongs to the result,
    /// or is closed.
    private static Network.Link secure(
            EventLoop loop, Network.Link link, @Nullable TlsSide side, String peer)
            throws IOException {
        return side == null ? link : new AwaitedTls(loop, link, side, peer).await();
    }

    /// Suspends until the protocol knows of the connection.
    private static <P extends Protocol> Connection<P> serve(
            EventLoop loop,
            Network.Link link,
            @Nullable String host,
            Supplier<? extends P> factory) {
        LoopFuture<@Nullable Void> started = loop.createFuture();
        var transport =
                StreamTransport.start(
                        loop, link, host, factory, _ -> {}, () -> Readiness.complete(started));
        @SuppressWarnings("unchecked") // the factory has just made it
        var protocol = (P) transport.protocol();
        awaitStart(started, transport::abort);
        return new Connection<>(transport, protocol);
    }

    /// Suspends until a transport has started; cancelled, it gives the transport up.
    private static void awaitStart(LoopFuture<@Nullable Void> started, Runnable abort) {
        var complete = false;
        try {
            started.await();
            complete = true;
        } finally {
            if (!complete) {
                abort.run();
            }
        }
    }
}
