/// Netty pipelines over transports: Netty's codecs, on the loop's thread and clock, for coroutines.
///
/// A codec is added to the pipeline of a connection, and a coroutine receives and sends its
/// messages. The codecs are modules of their own, such as `netty-codec-http`, which the user adds.
/// A server for HTTP/1.1 that sends a file:
///
/// ```java
/// Async.run(() -> {
///     var server = NettyServer.start(
///             pipeline -> pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(65_536)),
///             connection -> {
///                 FullHttpRequest request;
///                 while ((request = connection.receiveAs(FullHttpRequest.class)) != null) {
///                     try (var file = FileChannel.open(page)) {
///                         var head = new DefaultHttpResponse(HTTP_1_1, OK);
///                         HttpUtil.setContentLength(head, file.size());
///                         HttpUtil.setKeepAlive(head, HttpUtil.isKeepAlive(request));
///                         connection.send(head);
///                         connection.sendFile(file, 0, file.size());
///                         connection.send(LastHttpContent.EMPTY_LAST_CONTENT);
///                     } finally {
///                         request.release();
///                     }
///                 }
///             },
///             "localhost", 8080);
///     server.serveForever();
/// });
/// ```
///
/// Where no coroutine is wanted, a [NettyProtocol] runs a pipeline alone; so do the connections of
/// HTTP/2, whose streams are served by [NettyServer#serve(io.netty.channel.Channel, NettyHandler)].
///
/// A few things to know of the codecs: `HttpObjectAggregator` answers `Expect: 100-continue` by
/// itself. A malformed request of HTTP is a message whose `decoderResult()` has failed, while most
/// other decoders make [NettyConnection#receive()] throw. `HttpServerCodec` fails where more than
/// 128 requests have come that were not answered; its configuration can allow more.
@NullMarked
package dev.jloop.netty;

import org.jspecify.annotations.NullMarked;
