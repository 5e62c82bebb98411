package dev.jloop.examples.time;

import dev.jloop.core.EventLoop;
import dev.jloop.transports.DatagramEndpoint;
import dev.jloop.transports.DatagramProtocol;
import dev.jloop.transports.DatagramTransport;
import dev.jloop.transports.Key;
import dev.jloop.transports.Net;

import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Objects;

/// Tells the time to whoever asks by a datagram. A question is a number of 8 bytes; the answer is
/// that number and the time, in seconds since 1970 (8 bytes) and nanoseconds (4 bytes). What is no
/// question gets no answer.
///
/// **Threading:** loop thread only.
public final class TimeServer implements AutoCloseable {
    static final int QUESTION_BYTES = Long.BYTES;
    static final int ANSWER_BYTES = QUESTION_BYTES + Long.BYTES + Integer.BYTES;

    private final DatagramEndpoint<Answering> endpoint;

    private TimeServer(DatagramEndpoint<Answering> endpoint) {
        this.endpoint = endpoint;
    }

    /// Binds the port and answers until [#close()]. Suspends.
    ///
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @param clock what time it is
    /// @return the server, which answers already
    /// @throws IOException if the address cannot be bound
    public static TimeServer start(String host, int port, InstantSource clock) throws IOException {
        Objects.requireNonNull(clock, "clock");
        return new TimeServer(
                Net.createDatagramEndpoint(
                        () -> new Answering(clock),
                        InetSocketAddress.createUnresolved(host, port),
                        null));
    }

    /// {@return the port that the server listens on}
    public int port() {
        var address = endpoint.transport().extra(Key.LOCAL_ADDRESS);
        return ((InetSocketAddress) Objects.requireNonNull(address)).getPort();
    }

    /// Suspends until the current task is cancelled.
    public void serveForever() {
        EventLoop.current().createFuture().await();
    }

    @Override
    public void close() {
        endpoint.transport().close();
    }

    private static final class Answering implements DatagramProtocol {
        private final InstantSource clock;

        @SuppressWarnings("NullAway.Init") // comes before any datagram
        private DatagramTransport transport;

        Answering(InstantSource clock) {
            this.clock = clock;
        }

        @Override
        public void connectionMade(DatagramTransport made) {
            transport = made;
        }

        @Override
        public void datagramReceived(ByteBuf question, SocketAddress sender) {
            if (question.readableBytes() != QUESTION_BYTES) {
                return;
            }
            var now = clock.instant();
            var answer =
                    ByteBuffer.allocate(ANSWER_BYTES)
                            .putLong(question.readLong())
                            .putLong(now.getEpochSecond())
                            .putInt(now.getNano())
                            .flip();
            transport.sendTo(answer, sender);
        }
    }
}
