package dev.jloop.examples.http.server;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.netty.NettyConnection;
import dev.jloop.netty.NettyFutures;

import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;

/// Serves one connection: request by request, until either side has enough.
final class Conversation {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

    /// How long to listen on after a refusal. Closing at once would reset the connection where the
    /// client still sends, and the answer would be lost.
    private static final Duration LINGER = Duration.ofSeconds(2);

    private final NettyConnection connection;
    private final HttpHandler handler;
    private final ServerOptions options;
    private final SentListener listener;
    private final WireCounter counter;
    private final AnswerWriter writer;

    Conversation(
            NettyConnection connection,
            HttpHandler handler,
            ServerOptions options,
            SentListener listener) {
        this.connection = connection;
        this.handler = handler;
        this.options = options;
        this.listener = listener;
        this.counter = connection.pipeline().get(WireCounter.class);
        this.writer = new AnswerWriter(connection, options.idleTimeout());
    }

    void run() {
        try {
            boolean more = true;
            while (more) {
                more = serveOne();
            }
        } catch (TimedOutException slow) {
            LOG.debug("a client is too slow: {}", slow.toString());
            connection.transport().abort();
        } catch (IOException failure) {
            // A peer that leaves early, or does not keep to HTTP, is no failure of this server.
            LOG.debug("a connection ended early: {}", failure.toString());
            if (!connection.isClosing() && !(failure instanceof RefusedException)) {
                EventLoop.current()
                        .callExceptionHandler(
                                LoopException.of("an answer had to be cut off", failure));
            }
            connection.transport().abort();
        }
    }

    /// {@return whether another request may follow}
    private boolean serveOne() throws IOException {
        var head = awaitHead();
        if (head == null) {
            return false;
        }
        boolean more;
        try (var body = new RequestBody(connection, head, options.idleTimeout())) {
            more = answer(new Request(head, body)) && body.discard();
            if (!more && !body.hasEnded()) {
                linger();
            }
        } finally {
            ReferenceCountUtil.release(head); // a malformed one is a whole message, with a buffer
        }
        return more;
    }

    /// {@return the head of the next request; null where the client has closed the connection, or
    /// lets it idle}
    private @Nullable HttpRequest awaitHead() throws IOException {
        try {
            return connection.receiveWithin(options.idleTimeout(), HttpRequest.class);
        } catch (TimedOutException _) {
            return null;
        }
    }

    private boolean answer(Request request) throws IOException {
        long before = counter.bytes();
        try (var answer = respond(request)) {
            boolean more = writer.send(request, answer);
            listener.sent(request, answer.status(), counter.bytes() - before);
            return more;
        }
    }

    private Answer respond(Request request) throws IOException {
        try {
            request.check();
            return handler.handle(request);
        } catch (RefusedException refused) {
            return Answer.text(refused.status(), String.valueOf(refused.getMessage())).asLast();
        } catch (Exception failed) {
            if (failed instanceof IOException lost && connection.isClosing()) {
                throw lost;
            }
            EventLoop.current()
                    .callExceptionHandler(
                            LoopException.of("the handler of " + request + " failed", failed));
            return Answer.text(500, "the server failed to answer; its log says why");
        }
    }

    private void linger() throws IOException {
        if (!connection.transport().canWriteEof()) {
            return; // TLS, whose goodbye comes with closing
        }
        NettyFutures.await(((DuplexChannel) connection.channel()).shutdownOutput());
        try {
            Timeout.after(LINGER).run(this::drain);
        } catch (TimedOutException _) {
            LOG.debug("a client goes on after a refusal: {}", connection);
        }
    }

    private void drain() throws IOException {
        for (var rest = connection.receive(); rest != null; rest = connection.receive()) {
            ReferenceCountUtil.release(rest);
        }
    }
}
