package dev.jloop.transports;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Supplier;

/// A transport over a datagram link of any network: the life of the endpoint and its protocol. Its
/// two halves are [DatagramInput] and [DatagramOutput].
final class DatagramLinkTransport
        implements DatagramTransport, OpenResources.Resource, RetainedBuffers.Borrower {
    private static final Logger LOG = LoggerFactory.getLogger(DatagramLinkTransport.class);

    /// ```
    /// OPEN -close-> CLOSING -all sent-> ENDED -next turn-> connectionLost
    ///   \______________\__abort, failure__/
    /// ```
    private enum State {
        OPEN,
        CLOSING,
        ENDED
    }

    private final EventLoop loop;
    private final Network.DatagramLink link;
    private final DatagramProtocol protocol;
    private final Context context = Context.copyCurrent();
    private final @Nullable Throwable createdAt;
    private final Recipients recipients;
    private final DatagramInput input;
    private final DatagramOutput output;
    private State state = State.OPEN;

    /// Whether the loop was closed while the protocol waited for its end.
    private boolean cutShort;

    private DatagramLinkTransport(
            EventLoop loop,
            DatagramBinder.Bound bound,
            DatagramProtocol protocol,
            DatagramOptions options) {
        this.loop = loop;
        this.protocol = Objects.requireNonNull(protocol, "the factory gave no protocol");
        link = bound.link();
        recipients = new Recipients(link.localAddress(), bound.remote());
        createdAt = loop.isDebug() ? new Throwable("created here") : null;
        input = new DatagramInput(this, link, options.largestReceived());
        output = new DatagramOutput(this, link, options.queueBound());
    }

    /// Makes a transport and lets it start on the next turn: first `connectionMade`, then
    /// receiving, then `started`.
    ///
    /// @param bound its link belongs to the transport, even if this throws
    /// @param factory what it throws is passed on
    static DatagramLinkTransport start(
            EventLoop loop,
            DatagramBinder.Bound bound,
            Supplier<? extends DatagramProtocol> factory,
            DatagramOptions options,
            Runnable started) {
        var made = false;
        try {
            var transport = new DatagramLinkTransport(loop, bound, factory.get(), options);
            transport.callSoon(() -> transport.begin(started));
            OpenResources.of(loop).add(transport);
            made = true;
            return transport;
        } finally {
            if (!made) {
                bound.link().close();
            }
        }
    }

    private void begin(Runnable started) {
        callProtocol("connectionMade", () -> protocol.connectionMade(this));
        input.start();
        started.run();
    }

    EventLoop loop() {
        return loop;
    }

    DatagramProtocol protocol() {
        return protocol;
    }

    void callSoon(Runnable callback) {
        loop.callSoon(callback, context);
    }

    void inContext(Runnable body) {
        context.run(body::run);
    }

    @Override
    public void send(ByteBuffer data) {
        loop.checkThread("DatagramTransport.send");
        output.send(data, recipients.only());
    }

    @Override
    public void sendTo(ByteBuffer data, SocketAddress address) {
        loop.checkThread("DatagramTransport.sendTo");
        recipients.check(address);
        output.send(data, address);
    }

    @Override
    public void send(ByteBuf data) {
        loop.checkThread("DatagramTransport.send");
        Loan.refuseUnretained(data);
        output.send(data, releasingIfRefused(data, recipients::only));
    }

    @Override
    public void sendTo(ByteBuf data, SocketAddress address) {
        loop.checkThread("DatagramTransport.sendTo");
        Loan.refuseUnretained(data);
        var recipient =
                releasingIfRefused(
                        data,
                        () -> {
                            recipients.check(address);
                            return address;
                        });
        output.send(data, recipient);
    }

    private static SocketAddress releasingIfRefused(
            ByteBuf data, Supplier<SocketAddress> recipient) {
        var accepted = false;
        try {
            var address = recipient.get();
            accepted = true;
            return address;
        } finally {
            if (!accepted) {
                data.release();
            }
        }
    }

    @Override
    public void close() {
        loop.checkThread("DatagramTransport.close");
        if (state != State.OPEN) {
            return;
        }
        state = State.CLOSING;
        input.stop();
        outputDrained();
    }

    /// Called whenever the queue may have become empty.
    void outputDrained() {
        if (state == State.CLOSING && output.isEmpty()) {
            end(null);
        }
    }

    @Override
    public void abort() {
        loop.checkThread("DatagramTransport.abort");
        if (state != State.ENDED) {
            end(null);
        }
    }

    /// Ends the endpoint because of a failure that is not an everyday matter of networks.
    void fail(String message, Throwable failure) {
        report(message + ", so the endpoint is closed", failure);
        if (state != State.ENDED) {
            end(failure);
        }
    }

    private void end(@Nullable Throwable cause) {
        state = State.ENDED;
        try {
            input.stop();
            var misuse = output.drop();
            if (misuse != null && cause == null) { // else it has been reported
                report("a queued datagram was dropped", misuse);
            }
        } finally {
            callSoon(() -> finish(cause));
        }
    }

    private void finish(@Nullable Throwable cause) {
        try {
            callProtocol("connectionLost", () -> protocol.connectionLost(cause));
        } finally {
            OpenResources.of(loop).remove(this);
            link.close();
        }
    }

    /// Sends what the network takes without waiting, and gives the link back.
    @Override
    public void closeWithLoop() {
        cutShort = state != State.OPEN;
        if (state == State.OPEN && !isGone()) {
            var report =
                    LoopException.of("a datagram endpoint was never closed: " + this, null)
                            .with("transport", this)
                            .with("protocol", protocol);
            loop.callExceptionHandler(
                    createdAt == null ? report : report.with("created at", createdAt));
        }
        try {
            output.flushLastTime();
        } catch (IOException failure) {
            LOG.debug("last datagram failed on {}", this, failure);
        } catch (RuntimeException failure) {
            report("last datagram failed", failure);
        } finally {
            state = State.ENDED;
            try {
                output.drop();
            } finally {
                link.close();
            }
        }
    }

    @Override
    public boolean wasCutShort() {
        return cutShort || isGone();
    }

    void datagramReceived(Loan data, SocketAddress sender) {
        try {
            protocol.datagramReceived(data, sender);
        } catch (Throwable failure) {
            Unbearable.rethrow(failure);
            report("protocol.datagramReceived() failed", failure);
        } finally {
            takeBack(data);
        }
    }

    private void takeBack(Loan data) {
        if (!data.giveBack()) {
            report(
                    "protocol.datagramReceived() misused its buffer",
                    new IllegalStateException(
                            "datagramReceived of "
                                    + protocol
                                    + " released a buffer that it had only borrowed; call"
                                    + " retain() first, or do not release it"));
        }
    }

    /// Tells the protocol, unless the endpoint has ended meanwhile.
    void errorReceived(IOException error) {
        LOG.debug("{} on {}", error.getMessage(), this);
        if (state != State.ENDED) {
            callProtocol("errorReceived", () -> protocol.errorReceived(error));
        }
    }

    private boolean isGone() {
        return link.isGone();
    }

    /// Calls the protocol, unless its host has ceased; what it throws is reported.
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

    private void report(String message, Throwable failure) {
        if (isGone()) {
            return;
        }
        loop.callExceptionHandler(
                LoopException.of(message, failure)
                        .with("transport", this)
                        .with("protocol", protocol));
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean hasEnded() {
        return state == State.ENDED;
    }

    @Override
    public boolean isClosing() {
        loop.checkThread("DatagramTransport.isClosing");
        return state != State.OPEN;
    }

    @Override
    public void pauseReading() {
        loop.checkThread("DatagramTransport.pauseReading");
        input.pause();
    }

    @Override
    public void resumeReading() {
        loop.checkThread("DatagramTransport.resumeReading");
        input.resume();
    }

    @Override
    public boolean isReading() {
        loop.checkThread("DatagramTransport.isReading");
        return input.isReading();
    }

    @Override
    public void setWriteBufferLimits(int high, int low) {
        loop.checkThread("DatagramTransport.setWriteBufferLimits");
        output.setLimits(high, low);
    }

    @Override
    public long writeBufferSize() {
        loop.checkThread("DatagramTransport.writeBufferSize");
        return output.size();
    }

    @Override
    public long droppedDatagrams() {
        loop.checkThread("DatagramTransport.droppedDatagrams");
        return output.droppedFull();
    }

    @Override
    public Membership joinGroup(InetAddress group, NetworkInterface via) throws IOException {
        return join(group, via, null);
    }

    @Override
    public Membership joinGroup(InetAddress group, NetworkInterface via, InetAddress source)
            throws IOException {
        return join(group, via, Objects.requireNonNull(source, "source"));
    }

    private Membership join(InetAddress group, NetworkInterface via, @Nullable InetAddress source)
            throws IOException {
        loop.checkThread("DatagramTransport.joinGroup");
        Objects.requireNonNull(via, "via");
        var where = "group " + group.getHostAddress() + " via " + via.getName();
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException(
                    "cannot join "
                            + where
                            + ": that is not a multicast address, as those from 224.0.0.0 to"
                            + " 239.255.255.255 and those in ff00::/8 are");
        }
        if (source != null && !isSender(source, group)) {
            throw new IllegalArgumentException(
                    "cannot join "
                            + where
                            + " for the sender "
                            + source.getHostAddress()
                            + ": that is not the address of a single machine in the same version"
                            + " of the internet protocol");
        }
        if (state != State.OPEN) {
            throw new IllegalStateException("cannot join " + where + ": " + this + " is closing");
        }
        try {
            return link.joinGroup(group, via, source);
        } catch (IOException failure) {
            throw new SocketException(
                    "cannot join " + where + ": " + DatagramFailure.reason(failure), failure);
        }
    }

    private static boolean isSender(InetAddress source, InetAddress group) {
        return source.getClass() == group.getClass()
                && !source.isMulticastAddress()
                && !source.isAnyLocalAddress();
    }

    @Override
    public <T> @Nullable T extra(Key<T> key) {
        loop.checkThread("DatagramTransport.extra");
        if (key == Key.LOCAL_ADDRESS) {
            return key.cast(link.localAddress());
        }
        if (key == Key.PEER_ADDRESS) {
            return key.cast(recipients.remote());
        }
        return key == Key.CHANNEL ? key.cast(link.channel()) : null;
    }

    @Override
    public String toString() {
        return "DatagramTransport["
                + link
                + ", "
                + state
                + ", queued: "
                + output.size()
                + " bytes]";
    }
}
