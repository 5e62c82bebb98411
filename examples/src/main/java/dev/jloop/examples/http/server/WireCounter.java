package dev.jloop.examples.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;

/// Stands between codec and network, and counts the bytes that go out.
final class WireCounter extends ChannelOutboundHandlerAdapter {
    private long bytes;

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the promise tells
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        bytes +=
                switch (message) {
                    case ByteBuf data -> data.readableBytes();
                    case FileRegion part -> part.count();
                    default -> 0;
                };
        context.write(message, promise);
    }

    /// {@return all the bytes so far}
    long bytes() {
        return bytes;
    }
}
