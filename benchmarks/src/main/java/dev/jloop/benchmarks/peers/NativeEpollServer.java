package dev.jloop.benchmarks.peers;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/// The system calls of `echo.c`, made by Java through the foreign-function API: what is left when
/// the JDK's channels and selector are not in between. For Linux on 64-bit Intel and AMD.
///
/// As there, what a socket does not take is kept, and nothing is read from it until that has left.
final class NativeEpollServer implements PeerServer {
    private static final int AF_INET = 2;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int EPOLLIN = 1;
    private static final int EPOLLOUT = 4;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_MOD = 3;
    private static final int EVENTS = 1024;
    private static final int EVENT_BYTES = 12; // packed on this architecture
    private static final int LOOPBACK = 0x0100007f; // 127.0.0.1 as it lies in memory
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int EAGAIN = 11;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET =
            function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle LISTEN =
            function("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle GETSOCKNAME =
            function("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SETSOCKOPT =
            function(
                    "setsockopt",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle ACCEPT =
            function(
                    "accept4",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CREATE =
            function("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CTL =
            function(
                    "epoll_ctl",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle EPOLL_WAIT =
            function(
                    "epoll_wait",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle RECV =
            withErrno(
                    "recv",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle SEND =
            withErrno(
                    "send",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(STATE);
    private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 64);
    private final MemorySegment events = arena.allocate((long) EVENTS * EVENT_BYTES, 8);
    private final MemorySegment event = arena.allocate(EVENT_BYTES, 4);
    private final MemorySegment on = arena.allocateFrom(JAVA_INT, 1);

    /// By socket.
    private final Map<Integer, Unsent> unsent = new HashMap<>();

    private int poller;
    private int listener;

    /// What a socket did not take yet. Closing gives its memory back.
    private static final class Unsent implements AutoCloseable {
        private final Arena memory = Arena.ofConfined();
        private final MemorySegment bytes;
        private long sent;

        Unsent(MemorySegment rest) {
            bytes = memory.allocate(rest.byteSize()).copyFrom(rest);
        }

        MemorySegment rest() {
            return bytes.asSlice(sent);
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    @Override
    public int listen(Service service) {
        if (service != Service.ECHO) {
            throw PeerServer.notOffered(service);
        }
        try {
            return listen();
        } catch (Throwable failure) {
            throw new IllegalStateException("cannot listen", failure);
        }
    }

    private int listen() throws Throwable {
        var address = arena.allocate(16, 4);
        address.set(JAVA_SHORT, 0, (short) AF_INET);
        address.set(JAVA_INT, 4, LOOPBACK);
        listener = (int) SOCKET.invokeExact(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        check("bind", (int) BIND.invokeExact(listener, address, 16));
        check("listen", (int) LISTEN.invokeExact(listener, BACKLOG));
        var length = arena.allocateFrom(JAVA_INT, 16);
        check("getsockname", (int) GETSOCKNAME.invokeExact(listener, address, length));
        poller = (int) EPOLL_CREATE.invokeExact(0);
        watch(EPOLL_CTL_ADD, listener, EPOLLIN);
        Thread.ofPlatform().daemon().name("server").start(this::serve);
        return Short.toUnsignedInt(address.get(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2));
    }

    private void serve() {
        try {
            while (true) {
                var ready = (int) EPOLL_WAIT.invokeExact(poller, events, EVENTS, -1);
                for (var i = 0; i < ready; i++) {
                    var socket = events.get(JAVA_INT_UNALIGNED, (long) i * EVENT_BYTES + 4);
                    if (socket == listener) {
                        accept();
                    } else {
                        serve(socket);
                    }
                }
            }
        } catch (Throwable failure) {
            throw new IllegalStateException("the server failed", failure);
        }
    }

    private void accept() throws Throwable {
        var nowhere = MemorySegment.NULL;
        for (var socket = (int) ACCEPT.invokeExact(listener, nowhere, nowhere, SOCK_NONBLOCK);
                socket >= 0;
                socket = (int) ACCEPT.invokeExact(listener, nowhere, nowhere, SOCK_NONBLOCK)) {
            var _ = (int) SETSOCKOPT.invokeExact(socket, IPPROTO_TCP, TCP_NODELAY, on, 4);
            watch(EPOLL_CTL_ADD, socket, EPOLLIN);
        }
    }

    private void serve(int socket) throws Throwable {
        var rest = unsent.isEmpty() ? null : unsent.get(socket);
        if (rest == null) {
            echo(socket);
        } else {
            flush(socket, rest);
        }
    }

    private void echo(int socket) throws Throwable {
        var got = (long) RECV.invokeExact(state, socket, buffer, (long) BUFFER_BYTES, 0);
        if (got <= 0) {
            if (got == 0 || !isUnready()) {
                end(socket);
            }
            return;
        }
        var sent = (long) SEND.invokeExact(state, socket, buffer, got, MSG_NOSIGNAL);
        if (sent < 0 && !isUnready()) {
            end(socket);
        } else if (sent < got) {
            var from = Math.max(sent, 0);
            unsent.put(socket, new Unsent(buffer.asSlice(from, got - from)));
            watch(EPOLL_CTL_MOD, socket, EPOLLOUT);
        }
    }

    private void flush(int socket, Unsent kept) throws Throwable {
        var rest = kept.rest();
        var sent = (long) SEND.invokeExact(state, socket, rest, rest.byteSize(), MSG_NOSIGNAL);
        if (sent < 0) {
            if (!isUnready()) {
                end(socket);
            }
            return;
        }
        kept.sent += sent;
        if (sent == rest.byteSize()) {
            forget(socket);
            watch(EPOLL_CTL_MOD, socket, EPOLLIN);
        }
    }

    private void end(int socket) throws Throwable {
        forget(socket);
        var _ = (int) CLOSE.invokeExact(socket);
    }

    private void forget(int socket) {
        var kept = unsent.remove(socket);
        if (kept != null) {
            kept.close();
        }
    }

    /// Whether the last call on a socket failed because that is not ready.
    private boolean isUnready() {
        return (int) ERRNO.get(state, 0L) == EAGAIN;
    }

    private void watch(int operation, int socket, int what) throws Throwable {
        event.set(JAVA_INT, 0, what);
        event.set(JAVA_INT, 4, socket);
        check("epoll_ctl", (int) EPOLL_CTL.invokeExact(poller, operation, socket, event));
    }

    private static void check(String call, int result) {
        if (result < 0) {
            throw new IllegalStateException(call + " failed");
        }
    }

    @SuppressWarnings("restricted") // the peer's command enables it
    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
    }

    @SuppressWarnings("restricted") // as above
    private static MethodHandle withErrno(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                descriptor,
                Linker.Option.captureCallState("errno"));
    }
}
