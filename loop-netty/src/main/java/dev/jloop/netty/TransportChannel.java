package dev.jloop.netty;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.TimerHandle;
import dev.jloop.transports.Key;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.AlreadyConnectedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// A transport as Netty sees it.
final class TransportChannel extends AbstractChannel implements DuplexChannel {
    private static final Logger LOG = LoggerFactory.getLogger(TransportChannel.class);
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /// Up to so many bytes are copied: a handler may keep a part of a message for long, and what
    /// was not copied keeps memory that all connections of the loop read into.
    private static final int MOST_COPIED_BYTES = 8 * 1024;

    /// ```
    /// ACTIVE -close-> CLOSING -all sent, transport lost-> CLOSED
    ///     \_____________transport lost____________________/
    /// ```
    private enum State {
        ACTIVE,
        CLOSING,
        CLOSED
    }

    private final LoopExecutor executor;
    private final Transport transport;
    private final TransportChannelConfig config;
    private final OutputQueue output;
    private final @Nullable SocketAddress localAddress;
    private final @Nullable SocketAddress remoteAddress;
    private final List<ChannelPromise> outputEnders = new ArrayList<>();

    /// Other threads look at it.
    private volatile State state = State.ACTIVE;

    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;

    /// Whether a handler has asked for more than it got.
    private boolean readPending;

    /// Whether the transport has ended, and is not to be called any more.
    private boolean transportLost;

    private @Nullable Throwable lossCause;

    /// Why this side has aborted the transport.
    private @Nullable IOException abortCause;

    /// What Netty does at the end of a close, kept until the transport has ended.
    private @Nullable Runnable endOfClose;

    /// Fails the writes that the transport has lost, and tells the pipeline of the loss.
    private @Nullable Runnable settle;

    private @Nullable TimerHandle lingering;

    TransportChannel(LoopExecutor executor, Transport transport) {
        super(null);
        this.executor = executor;
        this.transport = transport;
        config = new TransportChannelConfig(this);
        localAddress = transport.extra(Key.LOCAL_ADDRESS);
        remoteAddress = transport.extra(Key.PEER_ADDRESS);
        output =
                new OutputQueue(
                        executor.loop(),
                        transport,
                        unsafe().outboundBuffer(),
                        this::drained,
                        this::outputBroken);
    }

    /// Fills the pipeline and lets the channel become active. Reading starts when a handler asks
    /// for it, as Netty does by itself unless auto-read is off.
    void start(Consumer<? super ChannelPipeline> initializer) {
        transport.pauseReading();
        executor.add(this);
        var started = false;
        try {
            initializer.accept(pipeline());
            var registration = executor.register(this);
            if (registration.cause() != null) {
                throw new IllegalStateException(
                        "the channel of " + transport + " cannot be registered",
                        registration.cause());
            }
            started = true;
        } finally {
            if (!started) {
                unsafe().closeForcibly();
            }
        }
    }

    Transport transport() {
        return transport;
    }

    EventLoop loop() {
        return executor.loop();
    }

    @Nullable Throwable lossCause() {
        return lossCause;
    }

    OutputQueue output() {
        return output;
    }

    // ---- what the transport tells

    void dataReceived(ByteBuf data) {
        if (state != State.ACTIVE) {
            return;
        }
        readPending = false;
        pipeline().fireChannelRead(owned(data));
        pipeline().fireChannelReadComplete();
        if (!readPending && !config.isAutoRead()) {
            stopReading();
        }
    }

    private ByteBuf owned(ByteBuf borrowed) {
        var count = borrowed.readableBytes();
        return count > MOST_COPIED_BYTES
                ? borrowed.retain()
                : alloc().buffer(count).writeBytes(borrowed);
    }

    /// {@return whether the transport stays open for writing}
    boolean eofReceived() {
        inputShutdown = true;
        var canStayOpen = transport.canWriteEof();
        if (config.isAllowHalfClosure() && canStayOpen) {
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
            return true;
        }
        if (canStayOpen) {
            unsafe().close(voidPromise()); // which ends it when all has been sent
        } else {
            output.flushAll(); // before the transport ends both directions by itself
        }
        return canStayOpen;
    }

    void progress() {
        output.progress();
    }

    void connectionLost(@Nullable Throwable reason) {
        var cause = reason == null ? abortCause : reason;
        transportEnded(
                cause,
                () -> {
                    if (cause != null) {
                        pipeline().fireExceptionCaught(cause);
                    }
                });
    }

    /// Ends the channel where its transport is taken care of by others.
    void loopClosed() {
        transportEnded(new SocketException("the loop of " + transport + " was closed"), () -> {});
    }

    /// @param tell runs once all writes are settled
    private void transportEnded(@Nullable Throwable cause, Runnable tell) {
        if (transportLost) {
            return;
        }
        transportLost = true;
        lossCause = cause;
        settle =
                () -> {
                    output.lost(cause);
                    tell.run();
                };
        if (lingering != null) {
            lingering.cancel();
        }
        var end = endOfClose;
        endOfClose = null;
        if (end == null) {
            unsafe().close(voidPromise()); // settles as soon as nothing can be written any more
        }
        try {
            settleOnce();
        } finally {
            if (end != null) {
                end.run();
            }
        }
    }

    private void settleOnce() {
        var body = settle;
        settle = null;
        if (body != null) {
            body.run();
        }
    }

    // ---- what the pipeline asks for

    @Override
    protected void doBeginRead() {
        if (!inputShutdown && state == State.ACTIVE) {
            readPending = true;
            transport.resumeReading();
        }
    }

    void stopReading() {
        if (!executor.inEventLoop()) {
            executor.execute(this::stopReading);
        } else if (!transportLost && !config.isAutoRead()) {
            readPending = false;
            transport.pauseReading();
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof ByteBuf
                || message instanceof FilePart
                || message instanceof DefaultFileRegion) {
            return message;
        }
        if (message instanceof FileRegion) {
            throw new UnsupportedOperationException(
                    "of regions of files only DefaultFileRegion can be written to "
                            + this
                            + ", as others do not tell of a file that is too short, and this is a "
                            + message.getClass().getName()
                            + "; write a DefaultFileRegion, or a ChunkedInput with a"
                            + " ChunkedWriteHandler in the pipeline");
        }
        throw new UnsupportedOperationException(
                "only ByteBuf and DefaultFileRegion can be written to "
                        + this
                        + ", and no handler of its pipeline has encoded a "
                        + message.getClass().getName());
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer buffer) {
        output.flush();
    }

    private void drained() {
        if (state == State.CLOSING) {
            transport.close();
        } else if (!outputEnders.isEmpty()) {
            var enders = List.copyOf(outputEnders);
            outputEnders.clear();
            enders.forEach(((AbstractUnsafe) unsafe())::shutdownOutput);
        }
    }

    /// What was written cannot be sent, and what comes later would make a stream in which something
    /// is missing. As this is no matter of the network, which happens every day, it is reported,
    /// whoever else hears of it.
    private void outputBroken(IOException failure) {
        abortCause = failure;
        loop().callExceptionHandler(
                        LoopException.of(
                                        "what was written cannot be sent, so the connection is"
                                                + " aborted",
                                        failure)
                                .with("transport", transport)
                                .with("protocol", transport.protocol()));
        transport.abort();
    }

    /// Lets the transport send what was flushed, and leaves the rest of the close for its end.
    private @Nullable Executor beginClosing() {
        if (state != State.ACTIVE) {
            return null;
        }
        state = State.CLOSING;
        if (transportLost) {
            // Netty has let go of the output just now: what a listener writes is refused.
            settleOnce();
            return null;
        }
        var seconds = config.lingerSeconds();
        if (seconds == 0) {
            transport.abort();
        } else {
            transport.pauseReading();
            if (seconds > 0) {
                lingering = loop().callLater(Duration.ofSeconds(seconds), transport::abort);
            }
            if (output.isDrained()) {
                transport.close();
            }
        }
        return end -> endOfClose = end;
    }

    @Override
    protected void doClose() {
        state = State.CLOSED;
        executor.remove(this);
        if (!transportLost) {
            transport.abort();
        }
    }

    @Override
    protected void doShutdownOutput() {
        outputShutdown = true;
        transport.writeEof();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBind(SocketAddress local) {
        throw new UnsupportedOperationException("a connection cannot be bound to " + local);
    }

    private final class TransportUnsafe extends AbstractUnsafe {
        @Override
        public void connect(
                SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
            promise.tryFailure(new AlreadyConnectedException());
        }

        @Override
        protected @Nullable Executor prepareToClose() {
            return beginClosing();
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new TransportUnsafe();
    }

    @Override
    protected boolean isCompatible(io.netty.channel.EventLoop loop) {
        return loop == executor;
    }

    // ---- half-close

    @Override
    public boolean isInputShutdown() {
        return inputShutdown;
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        onLoop(() -> {
            inputShutdown = true;
            if (!transportLost) {
                transport.pauseReading();
            }
            promise.trySuccess();
        });
        return promise;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    /// Tells the peer, once all that was flushed has been sent, that no more will come.
    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        onLoop(() -> endOutput(promise));
        return promise;
    }

    private void endOutput(ChannelPromise promise) {
        if (!transportLost && !transport.canWriteEof()) {
            promise.tryFailure(
                    new UnsupportedOperationException(
                            transport + " cannot end its output alone; close() ends both"));
        } else if (output.isDrained()) {
            ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
        } else {
            outputEnders.add(promise);
        }
    }

    private void onLoop(Runnable body) {
        if (executor.inEventLoop()) {
            body.run();
        } else {
            executor.execute(body);
        }
    }

    @Override
    public boolean isShutdown() {
        return inputShutdown && outputShutdown;
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        var _ = shutdownInput(); // cannot fail
        return shutdownOutput(promise);
    }

    // ---- properties

    @Override
    public TransportChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return state != State.CLOSED;
    }

    @Override
    public boolean isActive() {
        return state == State.ACTIVE;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return localAddress;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remoteAddress;
    }

    @Override
    protected DefaultChannelPipeline newChannelPipeline() {
        return new TransportPipeline();
    }

    /// A pipeline whose end tells the loop of what no handler has taken care of.
    private final class TransportPipeline extends DefaultChannelPipeline {
        TransportPipeline() {
            super(TransportChannel.this);
        }

        @Override
        protected void onUnhandledInboundException(Throwable failure) {
            try {
                unhandled(failure);
            } finally {
                ReferenceCountUtil.release(failure);
            }
        }
    }

    /// What broke the connection is an everyday matter; any other failure is reported, and leaves
    /// nothing to be relied on.
    private void unhandled(Throwable failure) {
        if (failure == lossCause) {
            LOG.debug("{} was lost", transport, failure);
            return;
        }
        loop().callExceptionHandler(
                        LoopException.of(
                                        "a failure reached the end of a pipeline, so the connection"
                                                + " is aborted; catch it in exceptionCaught()",
                                        failure)
                                .with("transport", transport)
                                .with("protocol", transport.protocol()));
        if (!transportLost) {
            transport.abort();
        }
    }
}
