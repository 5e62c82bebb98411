package dev.jloop.examples.time;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.transports.DatagramProtocol;
import dev.jloop.transports.DatagramTransport;
import dev.jloop.transports.Net;

import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletionException;

/// Asks a [TimeServer], again where a question or its answer gets lost.
///
/// @param clock the clock to compare the server's with
/// @param patience how long to wait for each answer; more than zero
/// @param attempts how often to ask at most; at least 1
public record TimeClient(InstantSource clock, Duration patience, int attempts) {
    /// @throws IllegalArgumentException if a value is out of its range
    public TimeClient {
        Objects.requireNonNull(clock, "clock");
        if (!patience.isPositive() || attempts < 1) {
            throw new IllegalArgumentException(
                    "patience must be more than zero and attempts at least 1, were "
                            + patience
                            + " and "
                            + attempts);
        }
    }

    /// What a server has answered.
    ///
    /// @param time the server's, when it answered
    /// @param roundTrip from the question to its answer
    /// @param ahead how far the server's clock is ahead of this one, if both ways took the same
    ///   time; negative where it is behind
    /// @param asked how often it took to ask
    public record Answer(Instant time, Duration roundTrip, Duration ahead, int asked) {}

    /// Asks for the time. Suspends.
    ///
    /// @param server where to send the questions
    /// @return the first answer that came in time for its question
    /// @throws SocketTimeoutException if none came
    /// @throws IOException if a question could not be sent, or nobody listens there
    public Answer ask(SocketAddress server) throws IOException {
        var endpoint = Net.createDatagramEndpoint(Listening::new, null, server);
        try {
            for (var number = 1; number <= attempts; number++) {
                var start = EventLoop.current().time();
                var question = number;
                try {
                    var time =
                            Timeout.after(patience)
                                    .call(() ->
                                            endpoint.protocol()
                                                    .answerTo(question, endpoint.transport()));
                    return answer(time, EventLoop.current().time() - start, number);
                } catch (TimedOutException _) {
                    // asked again, as datagrams may get lost
                }
            }
            throw new SocketTimeoutException(
                    "no answer from "
                            + server
                            + " to "
                            + attempts
                            + " questions, "
                            + patience
                            + " each");
        } finally {
            endpoint.transport().close();
        }
    }

    private Answer answer(Instant time, long roundTripNanos, int asked) {
        var atAnswer = clock.instant().minusNanos(roundTripNanos / 2);
        return new Answer(
                time, Duration.ofNanos(roundTripNanos), Duration.between(atAnswer, time), asked);
    }

    /// Takes the answer to the question that is open, and no late one to an earlier question.
    private static final class Listening implements DatagramProtocol {
        private static final int NANOS_PER_SECOND = 1_000_000_000;

        private long open;

        @SuppressWarnings("NullAway.Init") // set before the first question is sent
        private LoopFuture<Instant> answer;

        /// Asks, and suspends until the answer has come.
        Instant answerTo(long number, DatagramTransport transport) throws IOException {
            open = number;
            answer = EventLoop.current().createFuture("the time");
            transport.send(ByteBuffer.allocate(TimeServer.QUESTION_BYTES).putLong(0, number));
            try {
                return answer.await();
            } catch (CompletionException failed) {
                if (failed.getCause() instanceof IOException cause) {
                    throw cause;
                }
                throw failed;
            }
        }

        @Override
        public void datagramReceived(ByteBuf data, SocketAddress sender) {
            if (data.readableBytes() == TimeServer.ANSWER_BYTES
                    && data.readLong() == open
                    && !answer.isDone()) {
                take(data.readLong(), data.readInt());
            }
        }

        /// Whoever sends such a datagram chooses what is in it.
        private void take(long seconds, int nanos) {
            if (seconds >= Instant.MIN.getEpochSecond()
                    && seconds <= Instant.MAX.getEpochSecond()
                    && nanos >= 0
                    && nanos < NANOS_PER_SECOND) {
                answer.setResult(Instant.ofEpochSecond(seconds, nanos));
            }
        }

        @Override
        public void errorReceived(IOException error) {
            if (!answer.isDone()) {
                answer.setException(error);
            }
        }
    }
}
