package dev.jloop.netty;

import dev.jloop.core.EventLoop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/// A loop as Netty sees it: one for each jloop loop, on its thread and its clock.
///
/// ```
/// OPEN -the loop closes-> CLOSING -its channels are closed-> CLOSED
/// ```
final class LoopExecutor extends AbstractEventExecutor
        implements io.netty.channel.EventLoop, AutoCloseable {
    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final EventLoop loop;
    private final Ticker ticker;
    private final Promise<Void> termination = new DefaultPromise<>(this);

    /// Those that have not ended, for the end of the loop.
    private final Set<TransportChannel> channels = new LinkedHashSet<>();

    /// What the channels still have to do where the loop runs nothing any more.
    private final ArrayDeque<Runnable> lastTasks = new ArrayDeque<>();

    private volatile State state = State.OPEN;

    /// The thread that closes the loop, while it does.
    private volatile @Nullable Thread closer;

    private LoopExecutor(EventLoop loop) {
        this.loop = loop;
        ticker = new LoopTicker(loop);
    }

    static LoopExecutor of(EventLoop loop) {
        return loop.service(LoopExecutor.class, LoopExecutor::new);
    }

    EventLoop loop() {
        return loop;
    }

    void add(TransportChannel channel) {
        channels.add(channel);
    }

    void remove(TransportChannel channel) {
        channels.remove(channel);
    }

    boolean isClosing() {
        return state != State.OPEN;
    }

    /// True in the callbacks and coroutines of the loop. Of another thread than the current one
    /// nobody can tell, and none is said to be the loop's.
    @Override
    public boolean inEventLoop(Thread thread) {
        return thread == Thread.currentThread()
                && (EventLoop.currentOrNull() == loop || thread == closer);
    }

    @Override
    public void execute(Runnable command) {
        Objects.requireNonNull(command, "command");
        if (Thread.currentThread() == closer) {
            lastTasks.add(command);
        } else if (state != State.OPEN) {
            throw new RejectedExecutionException(loop + " is closed");
        } else if (EventLoop.currentOrNull() == loop) {
            loop.callSoon(command);
        } else {
            loop.execute(command);
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return start(command, delay, 0, unit);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        Objects.requireNonNull(callable, "callable");
        return new ScheduledCall<>(this, callable, deadline(delay, unit), 0).start();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
            Runnable command, long initialDelay, long period, TimeUnit unit) {
        return start(command, initialDelay, checkedNanos(period, unit), unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
            Runnable command, long initialDelay, long delay, TimeUnit unit) {
        return start(command, initialDelay, -checkedNanos(delay, unit), unit);
    }

    private ScheduledFuture<?> start(Runnable command, long delay, long period, TimeUnit unit) {
        var callable = Executors.callable(Objects.requireNonNull(command, "command"));
        return new ScheduledCall<>(this, callable, deadline(delay, unit), period).start();
    }

    private static long checkedNanos(long period, TimeUnit unit) {
        if (period <= 0) {
            throw new IllegalArgumentException("the period must be positive, was " + period);
        }
        return unit.toNanos(period);
    }

    private long deadline(long delay, TimeUnit unit) {
        return deadline(loop, unit.toNanos(delay));
    }

    /// {@return when so many nanoseconds have passed; now if they are not positive, and in 146
    /// years if they are more}
    static long deadline(EventLoop loop, long nanos) {
        // Half of what is there, so that the sum cannot pass the clock's own value on the way
        // round.
        return loop.time() + Math.clamp(nanos, 0, Long.MAX_VALUE / 2);
    }

    @Override
    public Ticker ticker() {
        return ticker;
    }

    @Override
    public EventLoopGroup parent() {
        return this;
    }

    @Override
    public io.netty.channel.EventLoop next() {
        return this;
    }

    @Override
    public ChannelFuture register(Channel channel) {
        return register(new DefaultChannelPromise(channel, this));
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        promise.channel().unsafe().register(this, promise);
        return promise;
    }

    @Deprecated
    @Override
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        channel.unsafe().register(this, promise);
        return promise;
    }

    /// Closes the channels that are left: their handlers see the end, and what waits is failed. The
    /// loop calls it when it closes, and nobody else may.
    @Override
    public void close() {
        if (loop.isRunning()) {
            throw notHere();
        }
        closer = Thread.currentThread();
        state = State.CLOSING;
        try {
            new ArrayList<>(channels).forEach(TransportChannel::loopClosed);
            for (@Nullable Runnable task = lastTasks.poll();
                    task != null;
                    task = lastTasks.poll()) {
                runTask(task);
            }
        } finally {
            state = State.CLOSED;
            termination.trySuccess(null);
            closer = null;
        }
    }

    @Override
    public boolean isShuttingDown() {
        return isClosing();
    }

    @Override
    public boolean isShutdown() {
        return isClosing();
    }

    @Override
    public boolean isTerminated() {
        return state == State.CLOSED;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return termination.await(timeout, unit);
    }

    @Override
    public Future<?> terminationFuture() {
        return termination;
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        throw notHere();
    }

    @Deprecated
    @Override
    public void shutdown() {
        throw notHere();
    }

    private UnsupportedOperationException notHere() {
        return new UnsupportedOperationException(
                "a handler cannot shut down " + loop + "; close the loop itself");
    }

    @Override
    public String toString() {
        return "LoopExecutor[" + loop + ", " + state + "]";
    }

    /// The loop's clock for handlers that measure time.
    private record LoopTicker(EventLoop loop, long initialNanoTime) implements Ticker {
        LoopTicker(EventLoop loop) {
            this(loop, loop.time());
        }

        @Override
        public long nanoTime() {
            return loop.time();
        }

        @Override
        public void sleep(long delay, TimeUnit unit) {
            throw new UnsupportedOperationException(
                    "a handler must not sleep on " + loop + "; schedule() what comes later");
        }
    }
}
