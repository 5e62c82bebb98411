package dev.jloop.testkit;

import dev.jloop.core.LoopFuture;
import dev.jloop.core.TimerHandle;
import dev.jloop.transports.Network;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/// One end of a connection between simulated hosts: what a kernel does for TCP.
///
/// Packets may overtake one another, so each has a number, and what comes early waits. How many
/// bytes may be under way, or received and unread, is bounded by the window: the reader tells the
/// writer what it has read.
///
/// Each connection has a number of its own, which its packets carry.
final class SimulatedLink implements Network.Link {
    /// ```
    /// CONNECTING -granted-> OPEN      ARRIVING -completed-> OPEN
    /// OPEN -close-> LEFT -the peer ends, or does not for long-> ENDED
    /// OPEN -close with bytes unread-> ENDED
    /// any -failure, reset, or gone with its host-> ENDED
    /// ```
    private enum State {
        CONNECTING,
        ARRIVING,
        OPEN,
        /// Closed by its user, and the peer has not ended yet.
        LEFT,
        ENDED
    }

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final byte[] NO_BYTES = {};
    private static final int MOST_FROM_FILE = 64 * 1024;

    private final SimulatedNetwork network;
    private final HostLife life;
    private final SocketAddress local;
    private final SocketAddress remote;
    private final long connection;
    private final @Nullable SimulatedListener listener;
    private final int window;
    private final Watch reader;
    private final Watch writer;
    private final LoopFuture<@Nullable IOException> answer;
    private State state;
    private @Nullable IOException failure;
    private Duration retryDelay = FIRST_RETRY;

    private final ArrayDeque<ByteBuffer> received = new ArrayDeque<>();
    private final Map<Long, Flight> early = new HashMap<>();
    private long nextReceived;
    private long receivedBytes;
    private boolean inputEnded;

    /// Read, and not told the peer yet.
    private int readBytes;

    private long nextSent;
    private int underWay;
    private boolean outputEnded;

    /// Packets of this end that the peer has to answer, and that do not get through: the one that
    /// was sent first is the first.
    private final NavigableSet<Flight> stuck =
            new TreeSet<>(
                    Comparator.comparingLong(Flight::sentAt)
                            .thenComparingLong(flight -> flight.packet().number()));

    private @Nullable TimerHandle givingUp;

    private boolean givenUp;

    /// Its own end has arrived at the peer.
    private boolean endHeard;

    /// For the answer while it connects, and for the peer's last word while it arrives or is left.
    private @Nullable TimerHandle patience;

    /// @param connection the number of the connection
    /// @param listener who accepts it, or null at the side that connects
    SimulatedLink(
            SimulatedNetwork network,
            HostLife life,
            SocketAddress local,
            SocketAddress remote,
            long connection,
            @Nullable SimulatedListener listener) {
        this.network = network;
        this.life = life;
        this.local = local;
        this.remote = remote;
        this.connection = connection;
        this.listener = listener;
        window = network.qualities().window();
        state = listener == null ? State.CONNECTING : State.ARRIVING;
        reader =
                new Watch(
                        network.loop(), () -> !received.isEmpty() || inputEnded || failure != null);
        writer = new Watch(network.loop(), () -> space() > 0 || failure != null);
        answer = network.loop().createFuture();
        life.add(this);
    }

    /// {@return the address of this end, by which the network knows it}
    SocketAddress localEnd() {
        return local;
    }

    SocketAddress remoteEnd() {
        return remote;
    }

    long connection() {
        return connection;
    }

    HostLife life() {
        return life;
    }

    /// {@return whether what it has sent is not sent again}
    boolean isGivenUp() {
        return givenUp;
    }

    boolean isConnecting() {
        return state == State.CONNECTING;
    }

    /// {@return whether the port is taken by this connection alone}
    boolean ownsPort() {
        return listener == null;
    }

    private int space() {
        return window - underWay;
    }

    // ---- making the connection

    /// Suspends until the peer has answered. Then, or cancelled, the link is either open or gone.
    void connect() throws IOException {
        var connected = false;
        try {
            waitForAnswer();
            askForConnection(FIRST_RETRY);
            var why = answer.await();
            if (why != null) {
                throw why;
            }
            connected = true;
        } finally {
            stopWaiting();
            if (!connected) {
                giveUpConnecting();
            }
        }
    }

    /// Nobody will have this end, even if it was granted in the meantime.
    private void giveUpConnecting() {
        if (state == State.CONNECTING) {
            end();
            forgetRest();
        } else {
            reset();
        }
    }

    private void waitForAnswer() {
        patience =
                network.timer(
                        network.qualities().giveUpTime(),
                        () -> fail(new ConnectException("Connection timed out")));
    }

    private void stopWaiting() {
        if (patience != null) {
            patience.cancel();
            patience = null;
        }
    }

    /// What it asked, or the answer to that, is held back, or goes on now.
    void answerIsHeld(boolean held) {
        if (state == State.CONNECTING && !answer.isDone()) {
            stopWaiting();
            if (!held) {
                waitForAnswer();
            }
        }
    }

    private void askForConnection(Duration nextRetry) {
        retryDelay = nextRetry; // before, since a rule may drop it at once
        send(Packet.Kind.SYN);
    }

    /// Nobody had room for the connection, and nobody says so: it is asked for again after 1, 2, 4
    /// seconds and so on.
    void notHeard(Flight flight) {
        var delay = retryDelay;
        network.timer(
                Duration.ofNanos(flight.sentAt() - network.loop().time()).plus(delay),
                () -> {
                    if (state == State.CONNECTING) {
                        askForConnection(delay.multipliedBy(2));
                    }
                });
    }

    /// Answers whoever connects.
    void grant() {
        send(Packet.Kind.SYN_ACK);
    }

    /// What would have completed it was lost for good. The peer may still send something.
    void missedCompletion() {
        if (state == State.ARRIVING && patience == null) {
            endLater();
        }
    }

    /// Ends without the peer, unless that speaks before.
    private void endLater() {
        patience = network.backgroundTimer(network.qualities().giveUpTime(), this::end);
    }

    private void completed() {
        if (state == State.ARRIVING && listener != null) {
            stopWaiting();
            state = State.OPEN;
            listener.complete(this);
        }
    }

    // ---- what arrives

    void arrived(Flight flight) {
        switch (flight.packet().kind()) {
            case SYN_ACK -> granted();
            case ACK -> completed();
            case DATA, FIN -> {
                completed();
                takeInOrder(flight);
            }
            case WINDOW -> {
                underWay -= flight.packet().size();
                writer.check();
            }
            case RST -> {
                if (flight.isInOrder()) {
                    takeInOrder(flight);
                } else {
                    wasReset();
                }
            }
            case SYN, DATAGRAM, UNREACHABLE -> {
                // one more copy of what asked for this connection; datagrams do not come here
            }
        }
    }

    private void wasReset() {
        fail(
                state == State.CONNECTING
                        ? new ConnectException("Connection refused")
                        : new SocketException(inputEnded ? "Broken pipe" : "Connection reset"));
    }

    private void granted() {
        if (state == State.CONNECTING && answer.isDone()) {
            send(Packet.Kind.RST); // given up just now; connect() ends the link
        } else if (state == State.CONNECTING) {
            stopWaiting();
            state = State.OPEN;
            send(Packet.Kind.ACK);
            answer.setResult(null);
        }
    }

    private void takeInOrder(Flight flight) {
        if (flight.sequence() >= nextReceived) {
            early.put(flight.sequence(), flight);
        }
        for (var next = early.remove(nextReceived);
                next != null && state != State.ENDED;
                next = early.remove(nextReceived)) {
            nextReceived++;
            take(next);
        }
    }

    private void take(Flight flight) {
        if (flight.packet().kind() == Packet.Kind.RST) {
            wasReset();
        } else if (flight.packet().kind() == Packet.Kind.FIN) {
            inputEnded = true;
            if (state == State.LEFT) {
                end();
            }
        } else if (state == State.LEFT) {
            resetAfterEnd(); // nobody will read it
        } else {
            received.add(flight.payload());
            receivedBytes += flight.payload().remaining();
        }
        reader.check();
    }

    /// Ends the connection at this end, and tells the user if there is one still.
    void fail(IOException why) {
        if (state == State.ENDED) {
            return;
        }
        failure = why;
        end();
        forgetRest();
        if (!answer.isDone()) {
            answer.setResult(why);
        }
        reader.check();
        writer.check();
    }

    private void end() {
        state = State.ENDED;
        stopWaiting();
        early.clear();
        life.remove(this);
        if (listener != null) {
            listener.forget(this);
        }
    }

    /// Ends with its host.
    void vanish() {
        state = State.ENDED;
        reader.end();
        writer.end();
        received.clear();
        early.clear();
        stopWaiting();
        if (givingUp != null) {
            givingUp.cancel();
        }
    }

    // ---- packets that do not get through

    /// One of its packets waits for its way to open again.
    void stuck(Flight flight) {
        if (flight.isMissed() && stuck.add(flight) && isFirstStuck(flight)) {
            giveUpInTime();
        }
    }

    /// It goes on, or is forgotten.
    void free(Flight flight) {
        var wasFirst = isFirstStuck(flight);
        if (stuck.remove(flight) && wasFirst) {
            giveUpInTime();
        }
    }

    private boolean isFirstStuck(Flight flight) {
        return !stuck.isEmpty() && stuck.first().packet().number() == flight.packet().number();
    }

    /// The limit holds for each packet by itself: a connection on which packets are lost and sent
    /// again all the time makes progress nevertheless.
    private void giveUpInTime() {
        if (givingUp != null) {
            givingUp.cancel();
            givingUp = null;
        }
        if (!stuck.isEmpty() && !givenUp) {
            var passed = Duration.ofNanos(network.loop().time() - stuck.first().sentAt());
            var left = network.qualities().giveUpTime().minus(passed);
            givingUp = network.timer(left.isNegative() ? Duration.ZERO : left, this::giveUp);
        }
    }

    /// One of its packets has arrived at the peer.
    void heard(Flight flight) {
        if (flight.packet().kind() == Packet.Kind.FIN) {
            endHeard = true;
            if (state == State.LEFT) {
                endLater();
            }
        }
    }

    /// Nothing that it has sent goes on any more if it is lost.
    private void forgetRest() {
        givenUp = true;
        network.wires().forgetStuck(this);
    }

    void giveUp() {
        if (state == State.CONNECTING) {
            return; // there is a limit for that
        }
        var peer = network.wires().peerOf(this);
        fail(timedOut());
        if (peer != null) {
            peer.fail(timedOut());
        }
        forgetRest();
    }

    private static SocketException timedOut() {
        return new SocketException("Connection timed out");
    }

    // ---- what the user does

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (received.isEmpty()) {
            if (inputEnded) {
                return -1; // also when a reset came after the end, as from a kernel
            }
            if (failure != null) {
                throw failure;
            }
            return 0;
        }
        var count = 0;
        do {
            count += moveFrom(received.element(), into);
            if (!received.element().hasRemaining()) {
                received.remove();
            }
            // A piece that the network has cut is handed over as it is.
        } while (into.hasRemaining() && !received.isEmpty() && !network.qualities().cutsPieces());
        receivedBytes -= count;
        tellRead(count);
        return count;
    }

    private static int moveFrom(ByteBuffer from, ByteBuffer into) {
        var count = Math.min(from.remaining(), into.remaining());
        into.put(from.slice(from.position(), count));
        from.position(from.position() + count);
        return count;
    }

    /// Gives space back to the peer, but not byte by byte, or a stream once cut into small pieces
    /// would stay so. The peer always has three quarters of the window beside what is unread.
    private void tellRead(int count) {
        readBytes += count;
        if (readBytes >= Math.max(1, window / 4) && state == State.OPEN && !inputEnded) {
            network.wires().send(this, Packet.Kind.WINDOW, readBytes);
            readBytes = 0;
        }
    }

    @Override
    public long write(ByteBuffer[] data, int offset, int count) throws IOException {
        checkMayWrite();
        var written = 0L;
        for (var index = offset; index < offset + count && mayTake(); index++) {
            while (data[index].hasRemaining() && mayTake()) {
                written += sendPieceOf(data[index]);
            }
        }
        return written;
    }

    /// A host that has crashed takes everything, and sends nothing.
    private boolean mayTake() {
        return space() > 0 || life.isDown();
    }

    private int sendPieceOf(ByteBuffer data) {
        if (life.isDown()) {
            var all = data.remaining();
            data.position(data.limit());
            return all;
        }
        var bytes = new byte[network.qualities().pieceOf(Math.min(data.remaining(), space()))];
        data.get(bytes);
        underWay += bytes.length;
        sendInOrder(Packet.Kind.DATA, bytes);
        return bytes.length;
    }

    private void checkMayWrite() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (outputEnded) {
            throw new SocketException("Broken pipe");
        }
    }

    @Override
    public long transferFrom(FileChannel file, long offset, long count) throws IOException {
        checkMayWrite();
        var most = life.isDown() ? MOST_FROM_FILE : Math.min(space(), MOST_FROM_FILE);
        var part = ByteBuffer.allocate((int) Math.min(count, most));
        file.read(part, offset);
        return write(new ByteBuffer[] {part.flip()}, 0, 1);
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (failure != null) {
            throw failure;
        }
        endOutput();
    }

    private void endOutput() {
        if (!outputEnded) {
            outputEnded = true;
            sendInOrder(Packet.Kind.FIN, NO_BYTES);
        }
    }

    /// Tells the peer, after all that was sent and the end of it, that nobody reads what it sends.
    /// Its window may be full, and then it would wait for ever.
    private void resetAfterEnd() {
        sendInOrder(Packet.Kind.RST, NO_BYTES);
        end();
    }

    private void sendInOrder(Packet.Kind kind, byte[] payload) {
        network.wires().send(this, kind, nextSent++, payload);
    }

    private void send(Packet.Kind kind) {
        network.wires().send(this, kind, 0);
    }

    @Override
    public void addReader(Runnable callback) {
        reader.start(callback);
    }

    @Override
    public void removeReader() {
        reader.stop();
    }

    @Override
    public void addWriter(Runnable callback) {
        writer.start(callback);
    }

    @Override
    public void removeWriter() {
        writer.stop();
    }

    @Override
    public void close() {
        reader.end();
        writer.end();
        if (state == State.OPEN) {
            endOutput();
            if (!received.isEmpty()) {
                resetAfterEnd();
            } else if (inputEnded) {
                end();
            } else {
                state = State.LEFT;
                if (endHeard) {
                    endLater();
                }
            }
        }
        received.clear();
        receivedBytes = 0;
    }

    @Override
    public void reset() {
        reader.end();
        writer.end();
        if (state == State.OPEN || state == State.ARRIVING) {
            forgetRest();
            send(Packet.Kind.RST);
            end();
        }
    }

    @Override
    public SocketAddress localAddress() {
        return UnixEnd.visible(local);
    }

    @Override
    public SocketAddress remoteAddress() {
        return UnixEnd.visible(remote);
    }

    @Override
    public @Nullable NetworkChannel channel() {
        return null;
    }

    @Override
    public boolean isGone() {
        return life.isDown();
    }

    /// {@return a line for the table of sockets}
    String describe() {
        return this
                + " "
                + state
                + (inputEnded ? ", input ended" : "")
                + (outputEnded ? ", output ended" : "")
                + ", unread "
                + receivedBytes
                + ", under way "
                + underWay
                + (stuck.isEmpty() ? "" : ", stuck packets " + stuck.size());
    }

    @Override
    public String toString() {
        return SimulatedAddresses.text(local) + "->" + SimulatedAddresses.text(remote);
    }
}
