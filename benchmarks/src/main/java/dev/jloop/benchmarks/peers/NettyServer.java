package dev.jloop.benchmarks.peers;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;

import java.net.InetSocketAddress;

/// Netty with its own defaults: one event loop accepts and serves.
///
/// @param handler the transport
/// @param channel its listening channel
record NettyServer(IoHandlerFactory handler, Class<? extends ServerChannel> channel)
        implements PeerServer {
    static NettyServer nio() {
        return new NettyServer(NioIoHandler.newFactory(), NioServerSocketChannel.class);
    }

    static NettyServer epoll() {
        return new NettyServer(EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
    }

    static NettyServer ioUring() {
        return new NettyServer(IoUringIoHandler.newFactory(), IoUringServerSocketChannel.class);
    }

    @Override
    public int listen(Service service) {
        var bound =
                new ServerBootstrap()
                        .group(new MultiThreadIoEventLoopGroup(1, handler))
                        .channel(channel)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childHandler(new Connected(service))
                        .bind(PeerServer.loopback())
                        .syncUninterruptibly()
                        .channel();
        return ((InetSocketAddress) bound.localAddress()).getPort();
    }

    private static final class Connected extends ChannelInitializer<SocketChannel> {
        private final Service service;

        Connected(Service service) {
            this.service = service;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            channel.config().setTcpNoDelay(true);
            switch (service) {
                case ECHO -> channel.pipeline().addLast(new Echo());
                case HTTP -> HttpGreeter.addTo(channel.pipeline());
            }
        }
    }

    private static final class Echo extends QuietOnReset {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var _ = context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            var channel = context.channel();
            channel.config().setAutoRead(channel.isWritable());
        }
    }
}
