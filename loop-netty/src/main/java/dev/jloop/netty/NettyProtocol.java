package dev.jloop.netty;

import dev.jloop.core.EventLoop;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.function.Consumer;

/// A protocol that is a Netty pipeline: its handlers take the events of the connection, and what
/// they write and flush goes to the transport. One instance serves one connection.
///
/// ```java
/// var server = Net.createServer(
///         () -> new NettyProtocol(pipeline -> pipeline.addLast(new HttpServerCodec(), handler)),
///         address);
/// ```
///
/// The events are those of any Netty channel, with these particulars:
///
/// - A received buffer belongs to the pipeline: whichever handler takes it last releases it.
/// - A write's promise succeeds when its bytes have been handed to the network, and fails with what
///   broke the connection. Writability counts bytes until then, against
///   `ChannelOption.WRITE_BUFFER_WATER_MARK`; the marks of the transport are used for that, and are
///   not to be set by others. Nor is anything to be written to the transport past the channel, or
///   its output to be ended: what the transport refuses then fails, and the connection is aborted.
///   That is reported to the loop's exception handler, as it is for a buffer released too early.
/// - A `DefaultFileRegion` is sent by [Transport#sendFile(java.nio.channels.FileChannel, long,
///   long)] in its place among the messages, each step as much as the network takes at once. If its
///   file cannot be read or is too short, its promise fails, the connection is aborted, and the
///   loop's exception handler is told. Other kinds of `FileRegion` are refused.
/// - Closing sends what was flushed, for at most the seconds of `ChannelOption.SO_LINGER`, which is
///   10 by default; then, or with 0 at once, the connection is aborted. A negative value sets no
///   limit. What was not flushed fails.
/// - The peer's end of stream closes the channel, unless `ChannelOption.ALLOW_HALF_CLOSURE` is on.
/// - A failure that reaches the end of the pipeline is reported to the loop's exception handler,
///   and aborts the connection.
/// - Timers of handlers run on the loop's clock.
///
/// **Threading:** handlers run on the loop's thread, and must not await. The channel itself may be
/// used by any thread, as Netty's channels may.
///
/// @since 0.1
public final class NettyProtocol implements StreamingProtocol {
    private final Consumer<? super ChannelPipeline> initializer;
    private @Nullable TransportChannel channel;

    /// Makes the protocol of one connection.
    ///
    /// @param initializer adds handlers to the pipeline when the connection is there. What it
    ///   throws is reported, and aborts the connection
    public NettyProtocol(Consumer<? super ChannelPipeline> initializer) {
        this.initializer = Objects.requireNonNull(initializer, "initializer");
    }

    /// {@return the channel of the connection}
    ///
    /// @throws IllegalStateException before `connectionMade`
    public DuplexChannel channel() {
        return connected();
    }

    TransportChannel connected() {
        if (channel == null) {
            throw new IllegalStateException("the connection is not made yet");
        }
        return channel;
    }

    @Override
    public void connectionMade(Transport transport) {
        channel = new TransportChannel(LoopExecutor.of(EventLoop.current()), transport);
        channel.start(initializer);
    }

    @Override
    public void dataReceived(ByteBuf data) {
        connected().dataReceived(data);
    }

    @Override
    public boolean eofReceived() {
        return connected().eofReceived();
    }

    @Override
    public void resumeWriting() {
        connected().progress();
    }

    @Override
    public void connectionLost(@Nullable Throwable cause) {
        if (channel != null) {
            channel.connectionLost(cause);
        }
    }

    @Override
    public String toString() {
        return "NettyProtocol[" + (channel == null ? "not connected" : channel.pipeline()) + "]";
    }
}
