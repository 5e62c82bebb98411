package dev.jloop.benchmarks.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;

import java.nio.charset.StandardCharsets;

/// Answers each request, behind Netty's codec: the same on Netty's channels and on ours.
@ChannelHandler.Sharable
final class HttpGreeter extends QuietOnReset {
    private static final HttpGreeter INSTANCE = new HttpGreeter();

    private static final ByteBuf BODY =
            Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer()
                            .writeBytes(Service.GREETING.getBytes(StandardCharsets.US_ASCII)));

    static void addTo(ChannelPipeline pipeline) {
        addCodec(pipeline);
        pipeline.addLast(INSTANCE);
    }

    static void addCodec(ChannelPipeline pipeline) {
        pipeline.addLast(new HttpServerCodec());
    }

    static FullHttpResponse greeting() {
        var headers = DefaultHttpHeadersFactory.headersFactory();
        var response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.OK,
                        BODY.duplicate(),
                        headers,
                        DefaultHttpHeadersFactory.trailersFactory());
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, BODY.readableBytes());
        return response;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            var _ = context.write(greeting(), context.voidPromise());
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }
}
