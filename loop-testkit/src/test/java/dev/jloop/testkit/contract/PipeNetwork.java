package dev.jloop.testkit.contract;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Network;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NetworkChannel;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// A network as a user may write it, as small as it can be, and bugs that can be planted in it.
final class PipeNetwork implements Network {
    /// What is wrong with it.
    enum Bug {
        NONE,
        LOSES_THE_ORDER,
        ENDS_INSTEAD_OF_RESET,
        TAKES_EVERYTHING,
        NEVER_ENDS_ONE_DIRECTION
    }

    private static final int CAPACITY = 32 * 1024;
    private static final int FIRST_PORT = 50_000;

    private final EventLoop loop;
    private final Bug bug;
    private final Map<Integer, PipeListener> listeners = new HashMap<>();
    private int nextPort = FIRST_PORT;

    PipeNetwork(EventLoop loop, Bug bug) {
        this.loop = loop;
        this.bug = bug;
    }

    @Override
    public List<InetAddress> resolve(String host) {
        return List.of(InetAddress.getLoopbackAddress());
    }

    @Override
    public Link connect(SocketAddress remote, SocketAddress local) throws IOException {
        var listener = listeners.get(((InetSocketAddress) remote).getPort());
        if (listener == null) {
            throw new ConnectException("Connection refused");
        }
        var there = new Pipe();
        var back = new Pipe();
        var from = new InetSocketAddress(InetAddress.getLoopbackAddress(), nextPort++);
        listener.waiting.add(new PipeLink(there, back, remote, from));
        listener.readiness.check();
        return new PipeLink(back, there, from, remote);
    }

    @Override
    public Listener listen(SocketAddress address, ListenOptions options) {
        var port = nextPort++;
        var at = new InetSocketAddress(((InetSocketAddress) address).getAddress(), port);
        var listener = new PipeListener(at);
        listeners.put(port, listener);
        return listener;
    }

    /// Runs a callback once in each turn in which a condition holds.
    private final class Readiness {
        private final BooleanSupplier condition;
        private Runnable callback;
        private Context context;
        private boolean scheduled;

        Readiness(BooleanSupplier condition) {
            this.condition = condition;
        }

        void start(Runnable newCallback) {
            callback = newCallback;
            context = Context.copyCurrent();
            check();
        }

        void stop() {
            callback = null;
        }

        void check() {
            if (callback != null && !scheduled && condition.getAsBoolean()) {
                scheduled = true;
                loop.callSoon(this::run, context);
            }
        }

        private void run() {
            scheduled = false;
            if (callback != null && condition.getAsBoolean()) {
                callback.run();
                check();
            }
        }
    }

    /// The bytes under way in one direction.
    private final class Pipe {
        private final ArrayDeque<Byte> bytes = new ArrayDeque<>();
        private boolean ended;
        private boolean broken;
        private final Readiness reader = new Readiness(() -> !bytes.isEmpty() || ended || broken);
        private final Readiness writer = new Readiness(() -> hasSpace() || broken);

        boolean hasSpace() {
            return bytes.size() < CAPACITY || bug == Bug.TAKES_EVERYTHING;
        }

        void changed() {
            reader.check();
            writer.check();
        }
    }

    private final class PipeLink implements Link {
        private final Pipe in;
        private final Pipe out;
        private final SocketAddress local;
        private final SocketAddress remote;

        PipeLink(Pipe in, Pipe out, SocketAddress local, SocketAddress remote) {
            this.in = in;
            this.out = out;
            this.local = local;
            this.remote = remote;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (in.bytes.isEmpty() && in.broken) {
                throw new SocketException("Connection reset");
            }
            if (in.bytes.isEmpty()) {
                return in.ended ? -1 : 0;
            }
            var count = 0;
            while (into.hasRemaining() && !in.bytes.isEmpty()) {
                var last = bug == Bug.LOSES_THE_ORDER && into.remaining() % 2 == 0;
                into.put(last ? in.bytes.removeLast() : in.bytes.removeFirst());
                count++;
            }
            in.changed();
            return count;
        }

        @Override
        public long write(ByteBuffer[] data, int offset, int count) throws IOException {
            if (out.broken) {
                throw new SocketException("Broken pipe");
            }
            var written = 0L;
            for (var index = offset; index < offset + count; index++) {
                while (data[index].hasRemaining() && out.hasSpace()) {
                    out.bytes.add(data[index].get());
                    written++;
                }
            }
            out.changed();
            return written;
        }

        @Override
        public long transferFrom(FileChannel file, long offset, long count) {
            throw new UnsupportedOperationException("no files");
        }

        @Override
        public void shutdownOutput() {
            if (bug != Bug.NEVER_ENDS_ONE_DIRECTION) {
                out.ended = true;
                out.changed();
            }
        }

        @Override
        public void addReader(Runnable callback) {
            in.reader.start(callback);
        }

        @Override
        public void removeReader() {
            in.reader.stop();
        }

        @Override
        public void addWriter(Runnable callback) {
            out.writer.start(callback);
        }

        @Override
        public void removeWriter() {
            out.writer.stop();
        }

        @Override
        public void close() {
            out.ended = true;
            leave();
        }

        @Override
        public void reset() {
            if (bug == Bug.ENDS_INSTEAD_OF_RESET) {
                close();
                return;
            }
            out.broken = true;
            leave();
        }

        private void leave() {
            in.reader.stop();
            out.writer.stop();
            in.broken = true;
            in.changed();
            out.changed();
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

    private final class PipeListener implements Listener {
        private final SocketAddress address;
        private final ArrayDeque<PipeLink> waiting = new ArrayDeque<>();
        private final Readiness readiness = new Readiness(() -> !waiting.isEmpty());

        PipeListener(SocketAddress address) {
            this.address = address;
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        @Override
        public Link accept() {
            return waiting.poll();
        }

        @Override
        public void addReader(Runnable callback) {
            readiness.start(callback);
        }

        @Override
        public void removeReader() {
            readiness.stop();
        }

        @Override
        public void close() {
            readiness.stop();
            listeners.values().remove(this);
            waiting.forEach(PipeLink::reset);
        }
    }
}
