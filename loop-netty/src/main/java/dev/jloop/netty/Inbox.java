package dev.jloop.netty;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.LoopFuture;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLException;

/// The end of a pipeline, where messages wait for a coroutine. Reads from the network only while
/// few of them do.
final class Inbox extends ChannelInboundHandlerAdapter {
    /// ```
    /// OPEN -the peer ends its stream, or cuts it-> ENDED -inactive-> GONE;   OPEN -inactive-> GONE
    /// any -discard-> DISCARDING
    /// ```
    private enum State {
        OPEN,
        ENDED,
        GONE,
        DISCARDING
    }

    /// Where such a handler is, an end of the connection is not the end of the stream.
    private static final HandlerTypes TLS_HANDLERS =
            new HandlerTypes("io.netty.handler.ssl.SslHandler");

    private final EventLoop loop;
    private final int readAhead;
    private final ArrayDeque<Object> messages = new ArrayDeque<>();
    private final Patience patience;
    private final List<LoopFuture<@Nullable Void>> senders = new ArrayList<>();
    private @Nullable LoopFuture<@Nullable Void> receiver;
    private @Nullable ChannelHandlerContext context;
    private State state = State.OPEN;
    private @Nullable Throwable failure;
    private boolean failureSeen;

    /// Whether the peer has ended its stream, and nothing had failed before.
    private boolean endedWell;

    /// Whether the network was asked for more, and has not answered yet.
    private boolean reading;

    Inbox(EventLoop loop, int readAhead) {
        this.loop = loop;
        this.readAhead = readAhead;
        patience = new Patience(loop, this::wakeReceiver);
    }

    // ---- what the pipeline brings

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        if (added.channel().isRegistered() && added.channel().isActive()) {
            readMore();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext current) {
        readMore();
        current.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext current, Object message) {
        if (state == State.DISCARDING) {
            ReferenceCountUtil.release(message);
            return;
        }
        messages.add(message);
        wakeReceiver();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext current) {
        reading = false;
        readMore();
        current.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext current, Object event) {
        if (TlsEvents.isGoodbye(event)) {
            ended();
        } else if (event instanceof ChannelInputShutdownEvent) {
            if (TLS_HANDLERS.firstIn(current.pipeline()) == null) {
                ended();
            } else {
                // The handler may tell of a goodbye that it has seen already in a task of its own.
                current.executor().execute(this::cut);
            }
        }
        current.fireUserEventTriggered(event);
    }

    private void ended() {
        if (state == State.OPEN) {
            state = State.ENDED;
            endedWell = failure == null;
            wakeReceiver();
        }
    }

    /// The connection has ended, and the stream that TLS secures has not.
    private void cut() {
        if (state == State.OPEN) {
            state = State.ENDED;
            fail(
                    new SSLException(
                            "the stream was cut: it ended without the peer's goodbye"
                                    + " (close_notify), so what was received may be a part only"));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext current, Throwable cause) {
        fail(cause);
    }

    private void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        } else if (failure != cause) {
            failure.addSuppressed(cause);
        }
        wakeReceiver();
        wakeSenders();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext current) {
        if (current.channel().isWritable()) {
            wakeSenders();
        }
        current.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext current) {
        if (hasPeerEnded(current.channel()) && TLS_HANDLERS.firstIn(current.pipeline()) != null) {
            cut();
        }
        if (state != State.DISCARDING) {
            state = State.GONE;
        }
        patience.end();
        wakeReceiver();
        wakeSenders();
        current.fireChannelInactive();
    }

    /// {@return whether it was the peer who has ended the connection, and not this side}
    private static boolean hasPeerEnded(Channel channel) {
        return channel instanceof DuplexChannel connection && connection.isInputShutdown();
    }

    /// Where the loop closes nobody will receive any more.
    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        if (removed.executor().isShuttingDown()) {
            discard();
        }
    }

    private void readMore() {
        if (!reading
                && state == State.OPEN
                && failure == null
                && messages.size() < readAhead
                && context != null) {
            reading = true;
            context.read();
        }
    }

    // ---- what coroutines ask for

    /// Suspends until a message, the end or a failure is there; [#take()] gives the message.
    ///
    /// @throws IllegalStateException if another coroutine waits already
    void awaitMessage() {
        while (isQuiet()) {
            awaitReceiver();
        }
    }

    /// As [#awaitMessage()], up to a deadline.
    ///
    /// @param timeoutNanos how long; nothing is waited for where it is not positive
    /// @return whether something is there
    boolean awaitMessage(long timeoutNanos) {
        if (!isQuiet()) {
            return true;
        }
        checkMayReceive();
        patience.start(timeoutNanos);
        try {
            while (isQuiet() && !patience.isOver()) {
                awaitReceiver();
            }
        } finally {
            patience.stop();
        }
        return !isQuiet();
    }

    private boolean isQuiet() {
        return messages.isEmpty() && failure == null && state == State.OPEN;
    }

    private void checkMayReceive() {
        if (receiver != null) {
            throw new IllegalStateException(
                    "another coroutine waits for a message of "
                            + this
                            + " already; only one at a time may receive");
        }
    }

    private void awaitReceiver() {
        checkMayReceive();
        LoopFuture<@Nullable Void> waiter = loop.createFuture(this);
        receiver = waiter;
        try {
            waiter.await();
        } finally {
            receiver = null;
        }
    }

    /// {@return the next message, or null where none is there}
    @Nullable Object take() {
        var message = messages.poll();
        if (message != null) {
            readMore();
        }
        return message;
    }

    /// {@return how many messages wait to be received}
    int size() {
        return messages.size();
    }

    /// {@return whether the peer has ended its stream in the regular way, whatever came later}
    boolean hasEnded() {
        return endedWell;
    }

    /// {@return what has reached the end of the pipeline, which counts as seen then}
    @Nullable Throwable failure() {
        failureSeen = true;
        return failure;
    }

    /// Suspends until the channel may be written to, or has failed or ended.
    void awaitWritability() {
        LoopFuture<@Nullable Void> waiter = loop.createFuture(this);
        senders.add(waiter);
        try {
            waiter.await();
        } finally {
            senders.remove(waiter);
        }
    }

    /// Releases what nobody has received, and all that comes from now on. A failure that nobody has
    /// seen is reported, unless it is an everyday matter of the network.
    void discard() {
        state = State.DISCARDING;
        patience.end();
        for (@Nullable Object left = messages.poll(); left != null; left = messages.poll()) {
            ReferenceCountUtil.release(left);
        }
        wakeReceiver();
        if (failure != null && !failureSeen && !(failure instanceof IOException)) {
            failureSeen = true;
            loop.callExceptionHandler(
                    LoopException.of("a failure of a pipeline was seen by nobody", failure)
                            .with("channel", String.valueOf(context)));
        }
    }

    private void wakeReceiver() {
        if (receiver != null) {
            wake(receiver);
        }
    }

    private void wakeSenders() {
        senders.forEach(Inbox::wake);
    }

    private static void wake(LoopFuture<@Nullable Void> waiter) {
        if (!waiter.isDone()) {
            waiter.setResult(null);
        }
    }

    @Override
    public String toString() {
        return "Inbox["
                + (context == null ? "no channel" : context.channel())
                + ", "
                + messages.size()
                + " messages]";
    }
}
