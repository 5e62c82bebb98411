package dev.jloop.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;

import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;

/// Netty's echo, on its NIO transport with its own defaults: one loop accepts and serves.
final class NettyEchoServer extends EchoServer {
    private final NettyLoop netty = new NettyLoop();
    private volatile long loopThread;

    @Override
    void serve(CompletableFuture<SocketAddress> bound) {
        loopThread = netty.call(() -> Thread.currentThread().threadId());
        var channel =
                new ServerBootstrap()
                        .group(netty.loop())
                        .channel(NioServerSocketChannel.class)
                        .childHandler(new Connected())
                        .bind(EchoPath.loopback())
                        .syncUninterruptibly()
                        .channel();
        bound.complete(channel.localAddress());
    }

    @Override
    long threadId() {
        return loopThread;
    }

    @Override
    public void close() {
        netty.close();
    }

    private static final class Connected extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            channel.config().setTcpNoDelay(true);
            channel.pipeline().addLast(new Echo());
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var _ = context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
