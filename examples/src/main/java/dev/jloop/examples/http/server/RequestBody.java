package dev.jloop.examples.http.server;

import static io.netty.handler.codec.http.HttpResponseStatus.CONTINUE;
import static io.netty.handler.codec.http.HttpVersion.HTTP_1_1;

import dev.jloop.core.TimedOutException;
import dev.jloop.netty.NettyConnection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;

/// The body of one request, which comes piece by piece while it is read.
final class RequestBody implements AutoCloseable {
    /// ```
    /// HELD_BACK -100 Continue-> COMING -last piece-> ENDED
    ///                           COMING -malformed, cut short, too slow-> BROKEN
    /// ```
    private enum State {
        /// The client waits to be told that its body is wanted.
        HELD_BACK,
        COMING,
        ENDED,
        BROKEN
    }

    private final NettyConnection connection;
    private final Duration idleTimeout;
    private State state;
    private @Nullable ByteBuf ahead;

    RequestBody(NettyConnection connection, HttpRequest head, Duration idleTimeout) {
        this.connection = connection;
        this.idleTimeout = idleTimeout;
        if (head.decoderResult().isFailure()) {
            state = State.BROKEN;
        } else {
            state = HttpUtil.is100ContinueExpected(head) ? State.HELD_BACK : State.COMING;
        }
    }

    /// Suspends until the first piece is there, so that a body that is malformed from its beginning
    /// is known before an answer has begun.
    void awaitFirst() throws IOException {
        if (ahead == null) {
            ahead = read();
        }
    }

    /// {@return the next piece, which is the caller's to release; null at the end}
    ///
    /// @throws RefusedException if it is malformed
    @Nullable ByteBuf read() throws IOException {
        if (ahead != null) {
            var piece = ahead;
            ahead = null;
            return piece;
        }
        if (state == State.HELD_BACK) {
            state = State.COMING;
            connection.send(new DefaultFullHttpResponse(HTTP_1_1, CONTINUE, Unpooled.EMPTY_BUFFER));
        }
        while (state == State.COMING) {
            var piece = receive();
            if (piece.isReadable()) {
                return piece;
            }
            piece.release();
        }
        return null;
    }

    private ByteBuf receive() throws IOException {
        var whole = false;
        try {
            var part = receivePart();
            if (part == null) {
                throw new RefusedException(400, "the body was cut short");
            }
            if (part.decoderResult().isFailure()) {
                part.release();
                throw RefusedException.of(part.decoderResult(), "the body");
            }
            if (part instanceof LastHttpContent) {
                state = State.ENDED;
            }
            whole = true;
            return part.content();
        } finally {
            if (!whole) {
                state = State.BROKEN;
            }
        }
    }

    private @Nullable HttpContent receivePart() throws IOException {
        try {
            return connection.receiveWithin(idleTimeout, HttpContent.class);
        } catch (TimedOutException _) {
            throw new RefusedException(
                    408, "the body did not go on for " + idleTimeout.toMillis() + " ms");
        }
    }

    /// Reads what is left and drops it.
    ///
    /// @return whether it came to its end
    boolean discard() throws IOException {
        try {
            for (var piece = read(); piece != null; piece = read()) {
                piece.release();
            }
            return true;
        } catch (RefusedException _) { // it was answered already
            return false;
        }
    }

    /// {@return whether another request can follow, once this body has come}
    boolean canBeFollowed() {
        return state == State.COMING || state == State.ENDED;
    }

    /// {@return whether all of it has come}
    boolean hasEnded() {
        return state == State.ENDED;
    }

    @Override
    public void close() {
        if (ahead != null) {
            ahead.release();
            ahead = null;
        }
    }
}
