package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/// One side of TLS in the hands of a test, without a transport: an engine on a link, whose flights
/// can be altered before they are sent. A flight is what it sends before it has to listen.
///
/// After the handshake it sends one flight of data, and then its goodbye, unless it is told to stop
/// earlier or to stay.
final class RawTls {
    /// What becomes of a flight.
    @FunctionalInterface
    interface Alteration {
        /// {@return what to send instead, or null to send nothing and do no more}
        ///
        /// @param flight counts from 0
        byte @Nullable [] alter(int flight, byte[] bytes);
    }

    private static final int DATA_BYTES = 1000;

    private enum State {
        SHAKING_HANDS,
        DATA_SENT,
        LEAVING,
        ENDED
    }

    private final Network.Link link;
    private final SSLEngine engine;
    private final Alteration alteration;
    private final ByteArrayOutputStream flight = new ByteArrayOutputStream();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final ByteBuffer encrypted = ByteBuffer.allocate(40_000);
    private final ByteBuffer plain = ByteBuffer.allocate(40_000);
    private ByteBuffer received = ByteBuffer.allocate(300_000).flip();
    private State state = State.SHAKING_HANDS;
    private int flights;
    private boolean handshakeDone;
    private boolean stays;
    private boolean reads = true;

    RawTls(Network.Link link, SSLEngine engine, Alteration alteration) {
        this.link = link;
        this.engine = engine;
        this.alteration = alteration;
    }

    /// From now on nothing is sent by itself after the handshake.
    RawTls staying() {
        stays = true;
        return this;
    }

    /// From now on it does not read.
    void goDeaf() {
        reads = false;
        link.removeReader();
    }

    void start() throws SSLException {
        engine.beginHandshake();
        link.addReader(this::readable);
        proceed();
    }

    private void readable() {
        received.compact();
        try {
            if (link.read(received) < 0) {
                end();
            }
        } catch (IOException reset) {
            end();
        } finally {
            received.flip();
        }
        proceed();
    }

    private void proceed() {
        try {
            while (state != State.ENDED && step()) {
                // until it has to wait
            }
        } catch (SSLException refused) {
            end(); // it is not this side that is tested
        } catch (IOException broken) {
            end();
        }
    }

    private boolean step() throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> engine.getDelegatedTask().run();
            case NEED_WRAP -> wrap(0);
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                send();
                return state != State.ENDED && unwrap();
            }
            case FINISHED, NOT_HANDSHAKING -> {
                handshakeDone = true;
                send();
                return state != State.ENDED && (unwrap() || goOn());
            }
        }
        return true;
    }

    private boolean goOn() throws IOException {
        if (stays) {
            return false;
        }
        switch (state) {
            case SHAKING_HANDS -> {
                wrap(DATA_BYTES);
                state = State.DATA_SENT;
            }
            case DATA_SENT -> {
                engine.closeOutbound();
                wrap(0);
                state = State.LEAVING;
            }
            case LEAVING, ENDED -> {
                return false;
            }
        }
        return true;
    }

    private void wrap(int bytes) throws SSLException {
        engine.wrap(ByteBuffer.allocate(bytes), encrypted.clear());
        flight.write(encrypted.array(), 0, encrypted.position());
    }

    private boolean unwrap() throws SSLException {
        if (!reads || !received.hasRemaining()) {
            return false;
        }
        var result = engine.unwrap(received, plain.clear());
        return result.getStatus() == SSLEngineResult.Status.OK
                && (result.bytesConsumed() > 0 || result.bytesProduced() > 0);
    }

    private void send() throws IOException {
        if (flight.size() == 0) {
            return;
        }
        var altered = alteration.alter(flights++, flight.toByteArray());
        flight.reset();
        if (altered == null) {
            state = State.ENDED;
            return;
        }
        sent.writeBytes(altered);
        link.write(new ByteBuffer[] {ByteBuffer.wrap(altered)}, 0, 1);
    }

    /// Sends data, encrypted.
    void sendData(byte[] bytes) throws IOException {
        engine.wrap(ByteBuffer.wrap(bytes), encrypted.clear());
        flight.write(encrypted.array(), 0, encrypted.position());
        send();
    }

    /// Starts another handshake on the connection: new keys, over TLS 1.3.
    void shakeHandsAgain() throws SSLException {
        engine.beginHandshake();
        proceed();
    }

    boolean isShakingHands() {
        return engine.getHandshakeStatus() != SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING;
    }

    boolean hasEnded() {
        return state == State.ENDED;
    }

    boolean isHandshakeDone() {
        return handshakeDone;
    }

    int flights() {
        return flights;
    }

    /// {@return all that went out, as it went out}
    byte[] sent() {
        return sent.toByteArray();
    }

    /// Ends the link without a word.
    void end() {
        state = State.ENDED;
        link.close();
    }
}
