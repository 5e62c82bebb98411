package dev.jloop.transports;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.RecurringHandle;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/// A transport over a link of any network: the life of the connection and its protocol. Its two
/// halves are [InputSide] and [OutputSide].
final class StreamTransport
        implements Transport, ServedConnection, OpenResources.Resource, RetainedBuffers.Borrower {
    private static final Logger LOG = LoggerFactory.getLogger(StreamTransport.class);

    /// ```
    /// OPEN -close-> CLOSING -all sent-> LEAVING -goodbye said-> ENDED -next turn-> connectionLost
    ///   \_____________\____________________\__abort, failure____/
    /// ```
    private enum State {
        OPEN,
        CLOSING,
        LEAVING,
        ENDED
    }

    /// Told once, after `connectionLost`.
    @FunctionalInterface
    interface EndListener {
        void ended(StreamTransport transport);
    }

    private final EventLoop loop;
    private Network.Link link;
    private final @Nullable String host;
    private final EndListener endListener;
    private final Context context = Context.copyCurrent();
    private final @Nullable Throwable createdAt;
    private final InputSide input;
    private final OutputSide output;
    private Protocol protocol;
    private State state = State.OPEN;
    private @Nullable AwaitedTls upgrade;
    private boolean aborted;

    /// Whether this side was the first to end the connection.
    private boolean closedHere;

    private boolean resetAtEnd;

    /// Whether the loop was closed while the protocol waited for its end.
    private boolean cutShort;

    private StreamTransport(
            EventLoop loop,
            Network.Link link,
            @Nullable String host,
            Protocol protocol,
            Gather gather,
            EndListener endListener) {
        this.loop = loop;
        this.link = link;
        this.host = host;
        this.protocol = checked(protocol);
        this.endListener = endListener;
        createdAt = loop.isDebug() ? new Throwable("created here") : null;
        input = new InputSide(this, link);
        output = new OutputSide(this, link, gather);
    }

    /// Makes a transport and lets it start on the next turn: first `connectionMade`, then reading,
    /// then `started`.
    ///
    /// @param link belongs to the transport, even if this throws
    /// @param host what the connection was made to, or null
    /// @param factory what it throws is passed on
    /// @param started runs after `connectionMade`
    /// @throws IllegalArgumentException if the protocol is of no known kind
    static StreamTransport start(
            EventLoop loop,
            Network.Link link,
            @Nullable String host,
            Supplier<? extends Protocol> factory,
            EndListener endListener,
            Runnable started) {
        var made = false;
        try {
            var transport =
                    new StreamTransport(
                            loop, link, host, factory.get(), Gather.of(loop), endListener);
            transport.callSoon(() -> transport.begin(started));
            OpenResources.of(loop).add(transport);
            made = true;
            return transport;
        } finally {
            if (!made) {
                link.close();
            }
        }
    }

    /// Makes a transport for a protocol that knows of the connection already; reading starts with
    /// the next turn.
    ///
    /// @param link belongs to the transport
    /// @param protocol of a known kind
    static StreamTransport takeOver(EventLoop loop, Network.Link link, Protocol protocol) {
        // Its writes may run those of a transport below it, which uses the loop's.
        var gather = new Gather();
        var transport = new StreamTransport(loop, link, null, protocol, gather, _ -> {});
        OpenResources.of(loop).add(transport);
        transport.input.start();
        return transport;
    }

    private void begin(Runnable started) {
        callProtocol(
                "connectionMade",
                () -> {
                    switch (protocol) {
                        case BufferedProtocol buffered -> buffered.connectionMade(this);
                        case StreamingProtocol streaming -> streaming.connectionMade(this);
                        default ->
                                throw new IllegalStateException("unexpected protocol " + protocol);
                    }
                });
        input.start();
        started.run();
    }

    EventLoop loop() {
        return loop;
    }

    void callSoon(Runnable callback) {
        loop.callSoon(callback, context);
    }

    /// {@return a callback in the context of the transport, for the path of each message}
    RecurringHandle recurring(Runnable callback) {
        return loop.recurring(callback, context);
    }

    void inContext(Runnable body) {
        context.run(body::run);
    }

    @Override
    public void write(ByteBuf data) {
        loop.checkThread("Transport.write");
        output.write(data);
    }

    @Override
    public void write(ByteBuffer data) {
        loop.checkThread("Transport.write");
        output.writeCopy(data);
    }

    @Override
    public void write(byte[] data) {
        loop.checkThread("Transport.write");
        output.writeCopy(data);
    }

    @Override
    public void writev(List<ByteBuffer> data) {
        loop.checkThread("Transport.writev");
        output.writeCopies(data);
    }

    @Override
    public void writeEof() {
        loop.checkThread("Transport.writeEof");
        output.checkExists();
        if (!link.canShutdownOutput()) {
            throw new UnsupportedOperationException(
                    this + " cannot end its output alone; close() ends both directions");
        }
        output.writeEof();
        if (!link.canRead()) {
            close(); // a pipe has no other direction
        }
    }

    @Override
    public boolean canWriteEof() {
        loop.checkThread("Transport.canWriteEof");
        return link.canShutdownOutput();
    }

    @Override
    public void close() {
        loop.checkThread("Transport.close");
        closedHere |= state == State.OPEN;
        leave();
    }

    /// Ends the connection once everything written has been sent, as after the end of the input.
    void leave() {
        if (state != State.OPEN) {
            return;
        }
        state = State.CLOSING;
        input.stop();
        outputDrained();
    }

    /// Called whenever everything written has been sent.
    void outputDrained() {
        if (state == State.CLOSING && output.isDrained()) {
            state = State.LEAVING;
            link.sayGoodbye(this::goodbyeSaid);
        }
    }

    private void goodbyeSaid(@Nullable IOException failure) {
        if (state != State.LEAVING) {
            return; // aborted meanwhile
        }
        if (failure == null) {
            end(null);
        } else {
            fail("closing failed", failure);
        }
    }

    @Override
    public void abort() {
        loop.checkThread("Transport.abort");
        if (state != State.ENDED) {
            aborted = true;
            closedHere |= state == State.OPEN;
            end(null);
        }
    }

    /// Ends the connection because of a failure. Failures of the network are everyday matters, and
    /// the protocol learns of them; any other is reported.
    void fail(String message, Throwable failure) {
        if (failure instanceof IOException) {
            LOG.debug("{} on {}", message, this, failure);
        } else {
            report(message, failure);
        }
        if (state != State.ENDED) {
            end(failure);
        }
    }

    private void end(@Nullable Throwable cause) {
        state = State.ENDED;
        resetAtEnd = output.hasUnsent();
        try {
            input.stop();
            dropOutput(cause);
        } finally {
            callSoon(() -> finish(cause));
        }
    }

    /// Reports a misused buffer, unless the same misuse has ended the connection and is reported.
    private void dropOutput(@Nullable Throwable cause) {
        var misuse = output.drop(cause);
        if (misuse != null && (cause == null || cause instanceof IOException)) {
            report("a write failed", misuse);
        }
    }

    private void finish(@Nullable Throwable cause) {
        try {
            callProtocol("connectionLost", () -> protocol.connectionLost(cause));
        } finally {
            OpenResources.of(loop).remove(this);
            try {
                releaseLink();
            } finally {
                endListener.ended(this);
            }
        }
    }

    private void releaseLink() {
        if (upgrade != null) {
            upgrade.cut();
        } else if (resetAtEnd) {
            link.reset();
        } else {
            link.close();
        }
    }

    /// Sends what the network takes without waiting, and gives the link back.
    @Override
    public void closeWithLoop() {
        cutShort = state != State.OPEN;
        if (state == State.OPEN && !isGone()) {
            var report =
                    LoopException.of("a transport was never closed: " + this, null)
                            .with("transport", this)
                            .with("protocol", protocol);
            loop.callExceptionHandler(
                    createdAt == null ? report : report.with("created at", createdAt));
        }
        try {
            output.flushLastTime();
            if (state == State.CLOSING && output.isDrained()) {
                link.sayGoodbye(_ -> {}); // nobody waits for the answer
            }
        } catch (IOException failure) {
            LOG.debug("last write failed on {}", this, failure);
        } catch (RuntimeException failure) {
            report("last write failed", failure);
        } finally {
            state = State.ENDED;
            resetAtEnd |= output.hasUnsent();
            try {
                output.drop(null);
            } finally {
                releaseLink();
            }
        }
    }

    @Override
    public boolean wasCutShort() {
        return cutShort || isGone();
    }

    /// {@return whether its host has ceased, and the protocol and everything else with it}
    boolean isGone() {
        return link.isGone();
    }

    /// Calls the protocol, if it is still there; what it throws is reported.
    void callProtocol(String method, Runnable call) {
        if (isGone()) {
            return;
        }
        try {
            call.run();
        } catch (Throwable failure) {
            Unbearable.rethrow(failure);
            report("protocol." + method + "() failed", failure);
        }
    }

    /// To be told what a method of the protocol has thrown: it is reported and ends the connection.
    /// On the path of each message there is no lambda that would catch it here.
    void protocolFailed(String method, Throwable failure) {
        Unbearable.rethrow(failure);
        fail("protocol." + method + "() failed, so the connection is aborted", failure);
    }

    private void report(String message, Throwable failure) {
        if (isGone()) {
            return;
        }
        loop.callExceptionHandler(
                LoopException.of(message, failure)
                        .with("transport", this)
                        .with("protocol", protocol));
    }

    @Override
    public boolean isClosing() {
        loop.checkThread("Transport.isClosing");
        return state != State.OPEN;
    }

    @Override
    public boolean isAborted() {
        loop.checkThread("Transport.isAborted");
        return aborted;
    }

    @Override
    public boolean isClosedHere() {
        loop.checkThread("Transport.isClosedHere");
        return closedHere;
    }

    @Override
    public boolean hasEnded() {
        return state == State.ENDED;
    }

    @Override
    public SocketAddress peerAddress() {
        return link.remoteAddress();
    }

    @Override
    public void pauseReading() {
        loop.checkThread("Transport.pauseReading");
        checkCanRead();
        input.pause();
    }

    @Override
    public void resumeReading() {
        loop.checkThread("Transport.resumeReading");
        checkCanRead();
        input.resume();
    }

    private void checkCanRead() {
        if (!link.canRead()) {
            throw new UnsupportedOperationException(
                    this + " can only be written to, so that there is no reading to pause");
        }
    }

    @Override
    public boolean isReading() {
        loop.checkThread("Transport.isReading");
        return link.canRead() && input.isReading();
    }

    @Override
    public void setWriteBufferLimits(int high, int low) {
        loop.checkThread("Transport.setWriteBufferLimits");
        output.setLimits(high, low);
    }

    @Override
    public long writeBufferSize() {
        loop.checkThread("Transport.writeBufferSize");
        return output.size();
    }

    @Override
    public <T> @Nullable T extra(Key<T> key) {
        loop.checkThread("Transport.extra");
        if (link instanceof PipeLink pipe) {
            return pipe.extra(key);
        }
        if (key == Key.LOCAL_ADDRESS) {
            return key.cast(link.localAddress());
        }
        if (key == Key.PEER_ADDRESS) {
            return key.cast(link.remoteAddress());
        }
        return key == Key.CHANNEL ? key.cast(link.channel()) : link.extra(key);
    }

    @Override
    public Protocol protocol() {
        loop.checkThread("Transport.protocol");
        return protocol;
    }

    @Override
    public void setProtocol(Protocol protocol) {
        loop.checkThread("Transport.setProtocol");
        this.protocol = checked(protocol);
        output.protocolChanged();
    }

    static Protocol checked(Protocol protocol) {
        Objects.requireNonNull(protocol, "protocol");
        if (protocol instanceof StreamingProtocol || protocol instanceof BufferedProtocol) {
            return protocol;
        }
        throw new IllegalArgumentException(
                "protocol " + protocol + " must implement StreamingProtocol or BufferedProtocol");
    }

    @Override
    public long sendFile(FileChannel file, long offset, long count) throws IOException {
        loop.checkThread("Transport.sendFile");
        if (offset < 0 || count <= 0) {
            throw new IllegalArgumentException(
                    "sendFile needs offset >= 0 and count > 0, but offset was "
                            + offset
                            + " and count was "
                            + count);
        }
        output.checkMaySendFile();
        input.hold();
        try {
            return output.sendFile(file, offset, count);
        } finally {
            input.letGo();
        }
    }

    /// Secures this connection, as [Net#startTls(Transport, Protocol, TlsOptions)] does. Suspends.
    void startTls(Protocol next, TlsSide side) throws IOException {
        loop.checkThread("Net.startTls");
        checked(next);
        output.checkMayStartTls();
        if (!link.canRead()) {
            throw new UnsupportedOperationException(
                    "cannot start TLS: " + this + " has one direction only");
        }
        if (input.hasEnded()) {
            throw new IllegalStateException(
                    "cannot start TLS: the peer has ended its stream on " + this);
        }
        var complete = false;
        input.hold();
        try {
            output.startTls();
            var secured = shakeHands(side);
            link = secured;
            input.moveTo(secured);
            protocol = next;
            output.tlsStarted(secured);
            output.protocolChanged();
            complete = true;
        } finally {
            if (!complete) {
                abort();
            }
            input.letGo();
        }
    }

    private Network.Link shakeHands(TlsSide side) throws IOException {
        var handshake = new AwaitedTls(loop, link, side, Addresses.text(link.remoteAddress()));
        upgrade = handshake;
        try {
            var secured = handshake.await();
            if (state == State.ENDED) {
                handshake.cut();
                throw new SocketException(this + " was aborted by this side meanwhile");
            }
            return secured;
        } catch (IOException failure) {
            fail("the TLS handshake failed", failure);
            throw failure;
        } finally {
            upgrade = null;
        }
    }

    /// {@return the host that the connection was made to, or null if it was accepted, or made to an
    /// address without a name}
    @Nullable String host() {
        return host;
    }

    @Override
    public String toString() {
        return "Transport[" + link + ", " + state + ", queued: " + output.size() + " bytes]";
    }
}
