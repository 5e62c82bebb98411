package dev.jloop.transports;

import dev.jloop.core.CancelledError;
import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NetworkChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A network in the memory of one loop: proof that everything above the seam does without sockets.
final class MemoryNetwork implements Network {
    private static final int FIRST_FREE_PORT = 50_000;
    private static final int LAST_PORT = 65_535;

    private final EventLoop loop;
    private final Map<Integer, MemoryListener> listeners = new HashMap<>();
    private int nextPort = LAST_PORT;

    /// How many bytes are on their way in one direction at most.
    int pipeBytes = 128 * 1024;

    final Map<String, List<InetAddress>> hosts = new HashMap<>();
    final Map<SocketAddress, IOException> failures = new HashMap<>();
    final Map<SocketAddress, LoopFuture<Void>> delays = new HashMap<>();
    final List<MemoryLink> links = new ArrayList<>();
    final Set<SocketAddress> unusable = new HashSet<>();
    final List<Try> tries = new ArrayList<>();

    /// Called in each `connect`.
    Runnable beforeConnect = () -> {};

    /// What connecting does when it is cancelled, before it goes on; null to give up as it should.
    Runnable whenCancelled;

    /// A call of `connect`.
    record Try(SocketAddress remote, SocketAddress local, long nanos) {}

    final MemoryDatagrams datagrams = new MemoryDatagrams(this);

    MemoryNetwork(EventLoop loop) {
        this.loop = loop;
    }

    /// Runs the body of a test on a fresh loop with such a network, on virtual time.
    static void run(TestRun.Body body) {
        TestRun.run(
                VirtualTime.newLoop(),
                run -> {
                    on(run.loop);
                    body.run(run);
                });
    }

    static MemoryNetwork on(EventLoop loop) {
        var network = new MemoryNetwork(loop);
        loop.provideService(Network.class, network);
        loop.provideService(TlsTasks.class, TlsTasks.inline(loop));
        return network;
    }

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        var known = hosts.get(host);
        if (known != null) {
            return known;
        }
        try {
            return List.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException unknown) {
            throw new UnknownHostException(host);
        }
    }

    @Override
    public Link connect(SocketAddress remote, SocketAddress local) throws IOException {
        tries.add(new Try(remote, local, loop.time()));
        beforeConnect.run();
        if (unusable.contains(local)) {
            throw new BindException("cannot use local address " + Addresses.text(local));
        }
        var delay = delays.get(remote);
        if (delay != null) {
            try {
                delay.await();
            } catch (CancelledError cancelled) {
                if (whenCancelled == null) {
                    throw cancelled;
                }
                whenCancelled.run();
            }
        }
        var failure = failures.get(remote);
        if (failure != null) {
            throw failure;
        }
        var listener = listeners.get(((InetSocketAddress) remote).getPort());
        if (listener == null) {
            throw new ConnectException("Connection refused");
        }
        var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
        var there = new Pipe();
        var back = new Pipe();
        var client = new MemoryLink(back, there, here, remote);
        var server = new MemoryLink(there, back, remote, here);
        links.add(client);
        links.add(server);
        listener.waiting.add(server);
        listener.watch.check();
        return client;
    }

    @Override
    public Listener listen(SocketAddress address, ListenOptions options) throws IOException {
        var inet = (InetSocketAddress) address;
        var port = inet.getPort() == 0 ? freePort() : inet.getPort();
        if (listeners.containsKey(port)) {
            throw new BindException("Address already in use");
        }
        var listener = new MemoryListener(new InetSocketAddress(inet.getAddress(), port));
        listeners.put(port, listener);
        return listener;
    }

    @Override
    public DatagramLink bindDatagram(
            SocketAddress local, SocketAddress remote, DatagramOptions options) throws IOException {
        return datagrams.bind(local, remote, options);
    }

    /// In a circle, as kernels do.
    int freePort() {
        do {
            nextPort = nextPort == LAST_PORT ? FIRST_FREE_PORT : nextPort + 1;
        } while (listeners.containsKey(nextPort));
        return nextPort;
    }

    MemoryListener listenerOn(SocketAddress address) {
        return listeners.get(((InetSocketAddress) address).getPort());
    }

    /// Runs a callback once in each turn in which a condition holds.
    final class Watch {
        private final java.util.function.BooleanSupplier ready;
        private Runnable callback;
        private Context context;
        private boolean scheduled;

        Watch(java.util.function.BooleanSupplier ready) {
            this.ready = ready;
        }

        void start(Runnable newCallback) {
            callback = newCallback;
            context = Context.copyCurrent();
            check();
        }

        void stop() {
            callback = null;
        }

        boolean isOn() {
            return callback != null;
        }

        void check() {
            if (callback != null && !scheduled && ready.getAsBoolean()) {
                scheduled = true;
                loop.callSoon(this::run, context);
            }
        }

        private void run() {
            scheduled = false;
            if (callback != null && ready.getAsBoolean()) {
                try {
                    callback.run();
                } finally {
                    check();
                }
            }
        }
    }

    /// The bytes on their way in one direction.
    private static final class Pipe {
        private final ArrayDeque<Byte> bytes = new ArrayDeque<>();
        private boolean ended;
        private boolean broken;
        private Watch reader;
        private Watch writer;

        void changed() {
            reader.check();
            writer.check();
        }
    }

    final class MemoryLink implements Link {
        private final Pipe in;
        private final Pipe out;
        private final SocketAddress local;
        private final SocketAddress remote;
        private final Watch reader;
        private final Watch writer;
        private boolean closed;
        int writeCalls;
        long bytesRead;
        int readerChanges;

        private MemoryLink(Pipe in, Pipe out, SocketAddress local, SocketAddress remote) {
            this.in = in;
            this.out = out;
            this.local = local;
            this.remote = remote;
            reader = new Watch(() -> !in.bytes.isEmpty() || in.ended || in.broken);
            writer = new Watch(() -> out.bytes.size() < pipeBytes || out.broken);
            in.reader = reader;
            out.writer = writer;
        }

        boolean isClosed() {
            return closed;
        }

        /// {@return how much was written here and not yet read by the other end}
        int bytesOnTheWay() {
            return out.bytes.size();
        }

        boolean isWatchedForReading() {
            return reader.isOn();
        }

        boolean isWatchedForWriting() {
            return writer.isOn();
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (in.bytes.isEmpty() && in.broken) {
                throw new SocketException("Connection reset");
            }
            if (in.bytes.isEmpty()) {
                return in.ended ? -1 : 0;
            }
            var count = Math.min(into.remaining(), in.bytes.size());
            for (var index = 0; index < count; index++) {
                into.put(in.bytes.remove());
            }
            bytesRead += count;
            in.changed();
            return count;
        }

        @Override
        public long write(ByteBuffer[] data, int offset, int count) throws IOException {
            writeCalls++;
            if (out.broken) {
                throw new SocketException("Broken pipe");
            }
            var written = 0L;
            for (var index = offset; index < offset + count; index++) {
                while (data[index].hasRemaining() && out.bytes.size() < pipeBytes) {
                    out.bytes.add(data[index].get());
                    written++;
                }
            }
            out.changed();
            return written;
        }

        @Override
        public long transferFrom(FileChannel file, long offset, long count) throws IOException {
            var part = ByteBuffer.allocate((int) Math.min(count, pipeBytes - out.bytes.size()));
            file.read(part, offset);
            return write(new ByteBuffer[] {part.flip()}, 0, 1);
        }

        @Override
        public void shutdownOutput() {
            out.ended = true;
            out.changed();
        }

        @Override
        public void addReader(Runnable callback) {
            readerChanges++;
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
            if (!closed) {
                end();
                shutdownOutput();
            }
        }

        @Override
        public void reset() {
            if (!closed) {
                end();
                out.broken = true;
                out.changed();
            }
        }

        private void end() {
            closed = true;
            reader.stop();
            writer.stop();
            in.broken = true;
            in.changed();
        }

        @Override
        public SocketAddress localAddress() {
            return local;
        }

        @Override
        public SocketAddress remoteAddress() {
            return remote;
        }

        @Override
        public NetworkChannel channel() {
            return null;
        }
    }

    final class MemoryListener implements Listener {
        private final InetSocketAddress address;
        private final ArrayDeque<MemoryLink> waiting = new ArrayDeque<>();
        private final Watch watch = new Watch(() -> !waiting.isEmpty());
        IOException failure;

        /// How many may be accepted before it fails.
        int free;

        int attempts;

        MemoryListener(InetSocketAddress address) {
            this.address = address;
        }

        boolean isWatched() {
            return watch.isOn();
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        @Override
        public Link accept() throws IOException {
            attempts++;
            if (failure != null && free == 0) {
                throw failure;
            }
            var link = waiting.poll();
            if (link != null && free > 0) {
                free--;
            }
            return link;
        }

        @Override
        public void addReader(Runnable callback) {
            watch.start(callback);
        }

        @Override
        public void removeReader() {
            watch.stop();
        }

        @Override
        public void close() {
            watch.stop();
            listeners.remove(address.getPort(), this);
            waiting.forEach(MemoryLink::reset);
            waiting.clear();
        }
    }
}
