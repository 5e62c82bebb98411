package dev.jloop.examples.http.server;

import static io.netty.handler.codec.http.HttpVersion.HTTP_1_1;

import dev.jloop.core.Timeout;
import dev.jloop.netty.NettyConnection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;

import java.io.IOException;
import java.time.Duration;

/// Sends answers on one connection.
///
/// @param connection where to
/// @param idleTimeout how long the client may take for each piece
record AnswerWriter(NettyConnection connection, Duration idleTimeout) {
    /// Files go out in slices of so many bytes, so that a client that takes none is noticed.
    private static final int SLICE_BYTES = 256 * 1024;

    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;

    /// Sends the answer. Suspends until the transport has taken it.
    ///
    /// @return whether another request may follow
    /// @throws dev.jloop.core.TimedOutException if the client does not take it
    boolean send(Request request, Answer answer) throws IOException {
        boolean chunked = isChunked(request, answer);
        boolean endsWithConnection = answer.body() instanceof Answer.Stream && !chunked;
        boolean keepAlive = request.keepsAlive() && !answer.isLast() && !endsWithConnection;
        var headers = answer.headers();
        headers.set(
                HttpHeaderNames.CONNECTION,
                keepAlive ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
        if (chunked) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        } else if (!endsWithConnection && hasLength(answer.status())) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, length(answer.body()));
        }
        if (request.isHead()) {
            sendWhole(answer, Unpooled.EMPTY_BUFFER);
            return keepAlive;
        }
        switch (answer.body()) {
            case Answer.Bytes(byte[] bytes, _) -> sendWhole(answer, Unpooled.wrappedBuffer(bytes));
            case Answer.FilePart part -> {
                sendHead(answer);
                sendFile(part);
                send(LastHttpContent.EMPTY_LAST_CONTENT);
            }
            case Answer.Stream(Answer.Pieces pieces) -> {
                sendHead(answer);
                for (var piece = pieces.next(); piece != null; piece = pieces.next()) {
                    send(new DefaultHttpContent(piece));
                }
                send(LastHttpContent.EMPTY_LAST_CONTENT);
            }
        }
        return keepAlive;
    }

    private static boolean isChunked(Request request, Answer answer) {
        return request.takesChunks()
                && switch (answer.body()) {
                    case Answer.Bytes bytes -> bytes.chunked();
                    case Answer.FilePart _ -> false;
                    case Answer.Stream _ -> true;
                };
    }

    private static boolean hasLength(int status) {
        return status != NO_CONTENT && status != NOT_MODIFIED;
    }

    private static long length(Answer.Body body) {
        return switch (body) {
            case Answer.Bytes bytes -> bytes.bytes().length;
            case Answer.FilePart part -> part.count();
            case Answer.Stream _ -> throw new IllegalArgumentException("a stream has no length");
        };
    }

    private void sendWhole(Answer answer, ByteBuf body) throws IOException {
        send(
                new DefaultFullHttpResponse(
                        HTTP_1_1,
                        HttpResponseStatus.valueOf(answer.status()),
                        body,
                        answer.headers(),
                        EmptyHttpHeaders.INSTANCE));
    }

    private void sendHead(Answer answer) throws IOException {
        send(
                new DefaultHttpResponse(
                        HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), answer.headers()));
    }

    private void sendFile(Answer.FilePart part) throws IOException {
        long end = part.offset() + part.count();
        for (long from = part.offset(); from < end; from += SLICE_BYTES) {
            long start = from;
            long count = Math.min(SLICE_BYTES, end - start);
            Timeout.after(idleTimeout).run(() -> connection.sendFile(part.file(), start, count));
        }
    }

    private void send(Object message) throws IOException {
        connection.sendWithin(idleTimeout, message);
    }
}
