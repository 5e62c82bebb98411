package dev.jloop.netty;

import dev.jloop.core.EventLoop;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.transports.Net;
import dev.jloop.transports.TlsOptions;
import dev.jloop.transports.Transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FileRegion;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A connection whose messages a Netty pipeline decodes and encodes, for a coroutine that receives
/// and sends them.
///
/// ```java
/// try (var connection = NettyConnection.open(
///         pipeline -> pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(65_536)),
///         "localhost", 8080)) {
///     connection.send(new DefaultFullHttpRequest(HTTP_1_1, GET, "/"));
///     FullHttpResponse response = connection.receiveAs(FullHttpResponse.class);
///     ...
/// }
/// ```
///
/// Flow control works both ways. While more messages wait to be received than
/// [NettyOptions#withReadAhead(int)] allows, nothing is read, and the peer has to wait;
/// [#send(Object)] suspends while the peer does not take what was sent. The peer's end of stream
/// ends what is received, and leaves sending open, where the transport can do that.
///
/// A message that was received belongs to the receiver, who releases it; a message that is sent
/// belongs to the pipeline. What nobody has received is released when the connection is closed.
///
/// **Threading:** coroutines of the channel's loop only.
///
/// @since 0.1
public final class NettyConnection implements AutoCloseable {
    /// Handlers that have to see each byte, so that no file may pass them by.
    private static final HandlerTypes BYTE_HANDLERS =
            new HandlerTypes(
                    "io.netty.handler.ssl.SslHandler",
                    "io.netty.handler.codec.http.HttpContentEncoder",
                    "io.netty.handler.codec.http2.Http2ConnectionHandler",
                    "io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder",
                    "io.netty.handler.codec.compression.JdkZlibEncoder");

    private final EventLoop loop;
    private final Channel channel;
    private final Inbox inbox;

    /// Why a write that had to wait has failed.
    private @Nullable Throwable writeFailure;

    private @Nullable ChannelFuture lastWrite;
    private boolean closing;

    private NettyConnection(EventLoop loop, Channel channel, Inbox inbox) {
        this.loop = loop;
        this.channel = channel;
        this.inbox = inbox;
    }

    /// Connects to a host with the default options. Suspends.
    ///
    /// @param initializer adds the handlers
    /// @param host a name, or an address in literal form
    /// @param port the port
    /// @return the connection
    /// @throws java.net.UnknownHostException if the host is unknown
    /// @throws IOException if none of its addresses can be reached
    public static NettyConnection open(
            Consumer<? super ChannelPipeline> initializer, String host, int port)
            throws IOException {
        return open(initializer, host, port, NettyOptions.DEFAULTS);
    }

    /// Connects to a host. Suspends; cancelled it leaves nothing open.
    ///
    /// @param initializer adds the handlers
    /// @param host a name, or an address in literal form
    /// @param port the port
    /// @param options the settings
    /// @return the connection
    /// @throws java.net.UnknownHostException if the host is unknown
    /// @throws IOException if none of its addresses can be reached
    /// @throws IllegalArgumentException if the host is empty, or the port is not one
    public static NettyConnection open(
            Consumer<? super ChannelPipeline> initializer,
            String host,
            int port,
            NettyOptions options)
            throws IOException {
        var maker = new Maker(initializer, options.readAhead(), _ -> {});
        Net.createConnection(maker::protocol, host, port, options.connect());
        return maker.made();
    }

    /// Connects to an address with the default options. Suspends.
    ///
    /// @param initializer adds the handlers
    /// @param address where to connect to
    /// @return the connection
    /// @throws IOException if the address cannot be reached
    public static NettyConnection open(
            Consumer<? super ChannelPipeline> initializer, SocketAddress address)
            throws IOException {
        return open(initializer, address, NettyOptions.DEFAULTS);
    }

    /// Connects to an address. Suspends; cancelled it leaves nothing open.
    ///
    /// @param initializer adds the handlers
    /// @param address where to connect to
    /// @param options the settings
    /// @return the connection
    /// @throws IOException if the address cannot be reached
    public static NettyConnection open(
            Consumer<? super ChannelPipeline> initializer,
            SocketAddress address,
            NettyOptions options)
            throws IOException {
        var maker = new Maker(initializer, options.readAhead(), _ -> {});
        Net.createConnection(maker::protocol, address, options.connect());
        return maker.made();
    }

    /// Takes over another channel that runs on this loop, such as a stream of HTTP/2: what reaches
    /// the end of its pipeline is received here from now on.
    ///
    /// To be called where the handlers of the channel are added, so that no message comes earlier.
    ///
    /// @param channel runs on this loop, as a channel of [NettyProtocol] and its child channels do
    /// @return the connection
    public static NettyConnection of(Channel channel) {
        return of(EventLoop.current(), channel, NettyOptions.DEFAULTS.readAhead());
    }

    private static NettyConnection of(EventLoop loop, Channel channel, int readAhead) {
        channel.config().setAutoRead(false);
        if (channel instanceof TransportChannel) {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        var inbox = new Inbox(loop, readAhead);
        channel.pipeline().addLast(inbox);
        return new NettyConnection(loop, channel, inbox);
    }

    /// Makes the protocol of a connection, and the connection with it.
    static final class Maker {
        private final Consumer<? super ChannelPipeline> initializer;
        private final int readAhead;
        private final Consumer<NettyConnection> whenMade;
        private @Nullable NettyConnection made;

        /// @param whenMade called when the pipeline is complete, before it becomes active
        Maker(
                Consumer<? super ChannelPipeline> initializer,
                int readAhead,
                Consumer<NettyConnection> whenMade) {
            this.initializer = Objects.requireNonNull(initializer, "initializer");
            this.readAhead = readAhead;
            this.whenMade = whenMade;
        }

        NettyProtocol protocol() {
            return new NettyProtocol(this::initialize);
        }

        private void initialize(ChannelPipeline pipeline) {
            initializer.accept(pipeline);
            var connection = of(EventLoop.current(), pipeline.channel(), readAhead);
            made = connection;
            whenMade.accept(connection);
        }

        NettyConnection made() throws IOException {
            if (made == null) {
                throw new IOException(
                        "the pipeline could not be filled, and the connection is aborted; the"
                                + " loop's exception handler has been told why");
            }
            return made;
        }
    }

    /// Takes the next message that has reached the end of the pipeline. Suspends while there is
    /// none. Cancelled it loses no message.
    ///
    /// @return the message, which is the caller's to release; null once the peer has ended its
    ///   stream and all messages were received. What a peer has cut off in the middle of a message
    ///   is for the codec to tell; that of HTTP/1.1 leaves out the last part
    /// @throws IOException if the connection was lost, or a handler has failed, as a decoder does
    ///   when it is given nonsense: then that is the cause. So it is an `SSLException` where
    ///   Netty's `SslHandler` secures the pipeline and the stream has ended without the peer's
    ///   goodbye. Messages from before come first
    /// @throws IllegalStateException if another coroutine waits for a message already
    public @Nullable Object receive() throws IOException {
        loop.checkThread("NettyConnection.receive");
        inbox.awaitMessage();
        return taken();
    }

    /// Takes the next message, as [#receive()] does, if it comes in time. It is what
    /// [dev.jloop.core.Async#withTimeout(Duration, dev.jloop.core.ThrowingSupplier)] around that
    /// call is, but made for servers that wait with the same patience for each message: it sets no
    /// timer where a message is there, and one for many messages where they are not.
    ///
    /// That timer stays until its time comes, the next shorter wait or the end of the connection,
    /// even where nobody waits any more. On a virtual clock time may therefore go on to where it is
    /// set, as in `VirtualTimeLoop.runUntilIdle()`, and a deadlock is found only then.
    ///
    /// @param timeout how long to wait; with zero or less it takes what is there
    /// @return as [#receive()]
    /// @throws TimedOutException if nothing came in time; the connection stays as it is
    /// @throws IOException as [#receive()]
    /// @throws IllegalStateException as [#receive()]
    public @Nullable Object receiveWithin(Duration timeout) throws IOException {
        loop.checkThread("NettyConnection.receiveWithin");
        if (!inbox.awaitMessage(TimeUnit.NANOSECONDS.convert(timeout))) {
            throw new TimedOutException("nothing came from " + peer() + " within " + timeout);
        }
        return taken();
    }

    private @Nullable Object taken() throws IOException {
        var message = inbox.take();
        if (message != null) {
            return message;
        }
        if (inbox.hasEnded()) {
            return null;
        }
        var failure = inbox.failure();
        if (failure != null) {
            throw new IOException("receiving from " + peer() + " failed: " + failure, failure);
        }
        if (isAborted()) {
            throw lost();
        }
        return null;
    }

    /// Takes the next message, as [#receive()] does, where only one type can come.
    ///
    /// @param type what is expected
    /// @param <T> the type
    /// @return the message, or null at the end
    /// @throws IOException as [#receive()], and if another type of message came, which is released
    public <T> @Nullable T receiveAs(Class<T> type) throws IOException {
        return as(type, receive());
    }

    /// Takes the next message, as [#receiveWithin(Duration)] does, where only one type can come.
    ///
    /// @param timeout how long to wait; with zero or less it takes what is there
    /// @param type what is expected
    /// @param <T> the type
    /// @return the message, or null at the end
    /// @throws TimedOutException if nothing came in time; the connection stays as it is
    /// @throws IOException as [#receiveAs(Class)]
    public <T> @Nullable T receiveWithin(Duration timeout, Class<T> type) throws IOException {
        return as(type, receiveWithin(timeout));
    }

    private <T> @Nullable T as(Class<T> type, @Nullable Object message) throws IOException {
        if (message == null || type.isInstance(message)) {
            return type.cast(message);
        }
        ReferenceCountUtil.release(message);
        throw new IOException(
                "expected a "
                        + type.getName()
                        + " from "
                        + peer()
                        + " and received a "
                        + message.getClass().getName());
    }

    /// Writes a message to the pipeline and flushes it. Then suspends while more is waiting to be
    /// sent than the channel's `WRITE_BUFFER_WATER_MARK` allows. Messages leave in the order of the
    /// calls. Cancelled while it waits it leaves the message on its way.
    ///
    /// A `DefaultFileRegion` is sent as [#sendFile(FileChannel, long, long)] sends a part of a
    /// file, and waited for until all of it was handed to the network, as Netty counts none of its
    /// bytes. Its file is closed when it has left, or when the connection is lost. Where the file
    /// cannot be read or is too short the connection is aborted, and the loop's exception handler
    /// is told as well. Each step sends what the network takes at once, which may stop the loop for
    /// more than 100 ms where a fast peer takes a file of hundreds of megabytes; `sendFile` stops
    /// after each megabyte.
    ///
    /// @param message belongs to the pipeline from now on, whatever happens
    /// @throws IOException if the connection is lost or closing, a message that was sent earlier
    ///   could not be written, or a file that is sent cannot be read
    /// @throws UnsupportedOperationException if it is a `FileRegion`, and a handler would have to
    ///   see its bytes
    /// @throws RuntimeException what an encoder throws, for instance because no handler takes this
    ///   type of message
    public void send(Object message) throws IOException {
        loop.checkThread("NettyConnection.send");
        var file = write(message);
        if (file != null) {
            NettyFutures.await(file);
        }
        if (mustWait()) {
            awaitWritability();
        }
        throwIfLost();
    }

    /// Sends a message, as [#send(Object)] does, and waits for a limited time where it has to wait.
    /// It is what [Timeout#after(Duration)] around that call is, but sets no timer where it does
    /// not wait. A file that the peer does not take as a whole in time is such a message too.
    ///
    /// @param timeout how long to wait for the peer to take what was sent
    /// @param message belongs to the pipeline from now on, whatever happens
    /// @throws TimedOutException if it did not in time; the message stays on its way, so that
    ///   whoever has no more patience has to abort the connection
    /// @throws IOException as [#send(Object)]
    /// @throws RuntimeException as [#send(Object)]
    public void sendWithin(Duration timeout, Object message) throws IOException {
        loop.checkThread("NettyConnection.sendWithin");
        var file = write(message);
        if (file != null && !file.isDone()) {
            Timeout.after(timeout)
                    .run(() -> {
                        NettyFutures.await(file);
                        awaitWritability();
                    });
        } else if (mustWait()) {
            Timeout.after(timeout).run(this::awaitWritability);
        }
        throwIfLost();
    }

    /// {@return what to wait for, if it is a file}
    private @Nullable ChannelFuture write(Object message) throws IOException {
        checkMaySend(message);
        var write = channel.writeAndFlush(message);
        written(write);
        return message instanceof FileRegion ? write : null;
    }

    private boolean mustWait() {
        return !channel.isWritable() && channel.isActive();
    }

    private void awaitWritability() {
        while (mustWait()) {
            inbox.awaitWritability();
        }
    }

    private void throwIfLost() throws SocketException {
        if (!channel.isActive() && !closing) {
            throw lost();
        }
    }

    private void checkMaySend(Object message) throws IOException {
        var maySend = false;
        try {
            if (isClosing()) {
                throw lost();
            }
            if (message instanceof FileRegion) {
                checkMayPassFile();
            }
            maySend = true;
        } finally {
            if (!maySend) {
                ReferenceCountUtil.release(message);
            }
        }
    }

    private void written(ChannelFuture write) throws IOException {
        if (!write.isDone()) {
            lastWrite = write;
            write.addListener(_ -> {
                if (write.cause() != null && writeFailure == null) {
                    writeFailure = write.cause();
                }
            });
        } else if (write.cause() instanceof RuntimeException failure) {
            throw failure;
        } else if (write.cause() != null) {
            throw new IOException("sending to " + peer() + " failed", write.cause());
        }
        if (writeFailure != null) {
            throw new IOException(
                    "sending to " + peer() + " failed: " + writeFailure, writeFailure);
        }
    }

    /// Sends a part of a file by [Transport#sendFile(FileChannel, long, long)], in its place among
    /// the messages: after those sent before, and before those sent later. Suspends until all of it
    /// was handed to the network.
    ///
    /// It passes through the pipeline as a `FileRegion`, which the encoder of HTTP/1.1 takes for
    /// content. Where a handler would have to see the bytes, because it encrypts, compresses or
    /// frames them, this is refused; handlers of the user's own are not known here.
    ///
    /// Failed or cancelled it aborts the connection, so that the peer does not take what comes next
    /// for the missing part.
    ///
    /// @param file stays open; its position is neither used nor changed
    /// @param offset where to start, in bytes
    /// @param count how many bytes, all of which must exist; zero does nothing
    /// @throws EOFException if the file is shorter, with nothing sent
    /// @throws IOException if the file cannot be read, or the connection is lost
    /// @throws IllegalArgumentException if `offset` or `count` is negative
    /// @throws UnsupportedOperationException if a handler would have to see the bytes, or the
    ///   channel is not one of a transport
    public void sendFile(FileChannel file, long offset, long count) throws IOException {
        loop.checkThread("NettyConnection.sendFile");
        if (offset < 0 || count < 0) {
            throw new IllegalArgumentException(
                    "sendFile needs offset >= 0 and count >= 0, but offset was "
                            + offset
                            + " and count was "
                            + count);
        }
        checkMayPassFile();
        if (file.size() - offset < count) {
            throw new EOFException(
                    count
                            + " bytes from "
                            + offset
                            + " were asked for, and the file has "
                            + file.size());
        }
        if (isClosing()) {
            throw lost();
        }
        if (count > 0) {
            var done = false;
            try {
                NettyFutures.await(channel.writeAndFlush(new FilePart(file, offset, count)));
                done = true;
            } finally {
                if (!done) {
                    transport().abort();
                }
            }
        }
    }

    private void checkMayPassFile() {
        transport();
        var handler = BYTE_HANDLERS.firstIn(channel.pipeline());
        if (handler != null) {
            throw new UnsupportedOperationException(
                    "a file cannot pass by the handler '"
                            + handler
                            + "', which has to see the bytes; send its content in messages, or as a"
                            + " ChunkedNioFile with a ChunkedWriteHandler behind that handler");
        }
    }

    /// Secures the connection with TLS, as after the command `STARTTLS` of a protocol. Sends what
    /// was written, and suspends until the handshake has ended; then the same pipeline is used on.
    /// Meanwhile what is sent waits, and nothing is read.
    ///
    /// With messages that nobody has received it refuses: they came in the clear, from anybody on
    /// the way. What a decoder holds of a message that is not complete cannot be seen here; a
    /// protocol has to rule it out, for instance by closing a connection whose client sent more
    /// than the command.
    ///
    /// Failed or cancelled it aborts the connection.
    ///
    /// @param options the settings of a client or of a server, whichever side this is
    /// @throws IOException if the handshake fails, or the connection is lost
    /// @throws IllegalStateException if messages wait to be received, or the connection is closing;
    ///   then it stays as it is
    /// @throws UnsupportedOperationException if the channel is not one of a transport
    public void startTls(TlsOptions options) throws IOException {
        loop.checkThread("NettyConnection.startTls");
        var transport = transport();
        NettyFutures.await(channel.writeAndFlush(Unpooled.EMPTY_BUFFER));
        if (inbox.size() > 0) {
            throw new IllegalStateException(
                    "cannot start TLS on "
                            + this
                            + ": messages that came in the clear were not received; they may be"
                            + " forged, so close the connection");
        }
        var output = ((TransportChannel) channel).output();
        output.hold();
        try {
            Net.startTls(transport, transport.protocol(), options);
        } finally {
            output.letGo();
        }
    }

    /// {@return the pipeline, whose handlers may be changed, for instance by the handshake of
    /// WebSocket} The last one belongs to this connection, and has to stay the last.
    public ChannelPipeline pipeline() {
        return channel.pipeline();
    }

    /// {@return the channel}
    public Channel channel() {
        return channel;
    }

    /// {@return the transport below}
    ///
    /// @throws UnsupportedOperationException if the channel is not one of a transport, but for
    ///   instance a stream of HTTP/2
    public Transport transport() {
        if (channel instanceof TransportChannel own) {
            return own.transport();
        }
        throw new UnsupportedOperationException(channel + " has no transport of its own");
    }

    /// {@return whether the connection is closing, closed or lost}
    public boolean isClosing() {
        return closing || !channel.isActive();
    }

    /// Closes the channel, and suspends until everything sent has left and the connection has
    /// ended. That takes no longer than the channel's `SO_LINGER`, which is 10 seconds by default;
    /// then the connection is aborted. Messages that nobody has received are released. A second
    /// call waits too.
    ///
    /// Where the task was cancelled, before this or while it waits, it aborts the connection
    /// instead.
    ///
    /// @throws IOException if the connection was broken, or not all that was sent has left, with
    ///   the reason as the cause
    @Override
    public void close() throws IOException {
        var ended = false;
        var cut = isCancelled() || isAborted();
        try {
            if (cut) {
                abort();
            } else {
                closeChannel();
            }
            NettyFutures.await(channel.closeFuture());
            ended = true;
        } finally {
            if (!ended) {
                abort();
            }
            inbox.discard();
        }
        if (lossCause() != null) {
            throw lost();
        }
        if (writeFailure != null && !cut) {
            throw new IOException(
                    "not all that was sent to " + peer() + " has left: " + writeFailure,
                    writeFailure);
        }
    }

    private boolean isCancelled() {
        var task = loop.currentTask();
        return task != null && task.cancelling() > 0;
    }

    /// Closes without waiting, and cuts the connection where nobody waits for a peer that does not
    /// read.
    void end(boolean cancelled) {
        if (cancelled && !channel.isWritable()) {
            abort();
        } else {
            closeChannel();
        }
        inbox.discard();
    }

    private void abort() {
        if (channel instanceof TransportChannel own) {
            own.transport().abort();
        } else {
            var _ = channel.close();
        }
    }

    /// Closes the channel once the handlers have let go of what was sent: one that encrypts keeps
    /// it until its handshake has ended, and one that closes drops it.
    private void closeChannel() {
        if (closing) {
            return;
        }
        closing = true;
        var last = lastWrite;
        var seconds = lingerSeconds();
        if (last == null || last.isDone() || seconds == 0) {
            var _ = channel.close(); // closeFuture() tells when, and lossCause() why
        } else {
            last.addListener(ChannelFutureListener.CLOSE);
        }
        // A handler may hold the close back as well, as one does that waits for a goodbye.
        if (seconds > 0 && !channel.closeFuture().isDone()) {
            var limit = loop.callLater(Duration.ofSeconds(seconds), this::abort);
            channel.closeFuture().addListener(_ -> limit.cancel());
        }
    }

    private int lingerSeconds() {
        return channel instanceof TransportChannel own
                ? own.config().lingerSeconds()
                : TransportChannelConfig.USUAL_LINGER_SECONDS;
    }

    /// {@return whether this side has cut the connection}
    boolean isAborted() {
        return channel instanceof TransportChannel own && own.transport().isAborted();
    }

    private @Nullable Throwable lossCause() {
        return channel instanceof TransportChannel own ? own.lossCause() : null;
    }

    /// {@return a new exception for each caller: one and the same could come out of a `try` and of
    /// its resource, and Java refuses to suppress an exception by itself}
    private SocketException lost() {
        var cause = lossCause() == null ? inbox.failure() : lossCause();
        var start = "the connection to " + peer() + " is lost";
        if (cause == null) {
            return new SocketException(
                    start + ": it was " + (isAborted() ? "aborted" : "closed") + " by this side");
        }
        return new SocketException(start + ": " + cause.getMessage(), cause);
    }

    /// {@return `127.0.0.1:5123` or `[::1]:5123`; other kinds of addresses as they print}
    String peer() {
        return switch (channel.remoteAddress()) {
            case null -> channel.toString();
            case InetSocketAddress inet -> NetUtil.toSocketAddressString(inet);
            case SocketAddress other -> other.toString();
        };
    }

    @Override
    public String toString() {
        return "NettyConnection[" + channel + "]";
    }
}
