package dev.jloop.benchmarks.scheduler;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// One event loop of Netty, on a selector, as a peer.
final class NettyLoop implements AutoCloseable {
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();

    /// Starts nothing yet: the thread comes with the first task.
    public NettyLoop() {}

    /// {@return the loop}
    public EventLoop loop() {
        return loop;
    }

    /// Runs `body` on the loop's thread and waits for its end.
    ///
    /// @param body what to run
    /// @param <T> the type of its result
    /// @return its result
    public <T> T call(Callable<T> body) {
        return loop.submit(body).syncUninterruptibly().getNow();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
