package dev.jloop.benchmarks.peers;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import java.io.IOException;

/// Closes the connection of a client that has reset it, as `wrk` does at its end. Of any other
/// failure Netty tells.
class QuietOnReset extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (failure instanceof IOException) {
            var _ = context.close();
        } else {
            context.fireExceptionCaught(failure);
        }
    }
}
