package dev.jloop.core.spi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/// The system calls of Linux that [EpollPoller] and [EpollSocket] make, by the foreign-function
/// API. A call that fails gives minus one, and [#error()] tells why. For one thread at a time.
final class LinuxCalls {
    // The same numbers on all processors that are supported.
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EEXIST = 17;
    static final int ECONNRESET = 104;

    private static final int CLOSE_ON_EXEC = 0x80000; // EPOLL_CLOEXEC and EFD_CLOEXEC
    private static final int EFD_NONBLOCK = 0x800;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int COUNTER_BYTES = 8;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle EPOLL_CREATE =
            call("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CTL =
            call(
                    "epoll_ctl",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle EPOLL_WAIT =
            call(
                    "epoll_wait",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle EVENTFD =
            call("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle READ =
            call("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITE =
            call("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle RECV =
            call("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle SEND =
            call("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle CLOSE =
            call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle STRERROR = text();

    /// Where a call leaves the number of its error.
    private final MemorySegment state;

    /// What is written to and read from the counter of an [#eventDescriptor()].
    private final MemorySegment counter;

    LinuxCalls(Arena memory) {
        state = memory.allocate(STATE);
        counter = memory.allocateFrom(JAVA_LONG, 1);
    }

    @SuppressWarnings("restricted") // who starts the JVM allows it
    private static MethodHandle call(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                descriptor,
                Linker.Option.captureCallState("errno"));
    }

    @SuppressWarnings("restricted") // as above
    private static MethodHandle text() {
        var text = ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(1024, JAVA_BYTE));
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("strerror"),
                FunctionDescriptor.of(text, JAVA_INT));
    }

    /// {@return the number of the error of the last call, which has failed}
    int error() {
        return (int) ERRNO.get(state, 0L);
    }

    /// {@return what the operating system calls the error of the last call, which has failed}
    String errorText() {
        try {
            var text = (MemorySegment) STRERROR.invokeExact(error());
            return text.getString(0);
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    /// {@return a new epoll instance}
    int epoll() throws IOException {
        try {
            return opened((int) EPOLL_CREATE.invokeExact(state, CLOSE_ON_EXEC));
        } catch (IOException refused) {
            throw refused;
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    /// {@return a new descriptor that is readable once [#increment(int)] was called}
    int eventDescriptor() throws IOException {
        try {
            return opened((int) EVENTFD.invokeExact(state, 0, CLOSE_ON_EXEC | EFD_NONBLOCK));
        } catch (IOException refused) {
            throw refused;
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    private int opened(int descriptor) throws IOException {
        if (descriptor < 0) {
            throw new IOException(errorText());
        }
        return descriptor;
    }

    int control(int epoll, int operation, int descriptor, MemorySegment event) {
        try {
            return (int) EPOLL_CTL.invokeExact(state, epoll, operation, descriptor, event);
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    int await(int epoll, MemorySegment events, int most, int timeoutMillis) {
        try {
            return (int) EPOLL_WAIT.invokeExact(state, epoll, events, most, timeoutMillis);
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    /// The memory segment is made in the same method as the call, so that the JIT compiler can do
    /// without the object.
    ///
    /// @param into is filled from its position on, which stays
    long receive(int descriptor, ByteBuffer into) {
        try {
            return (long)
                    RECV.invokeExact(
                            state,
                            descriptor,
                            MemorySegment.ofBuffer(into),
                            (long) into.remaining(),
                            MSG_DONTWAIT);
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    /// As [#receive(int, ByteBuffer)].
    long send(int descriptor, ByteBuffer data) {
        try {
            return (long)
                    SEND.invokeExact(
                            state,
                            descriptor,
                            MemorySegment.ofBuffer(data),
                            (long) data.remaining(),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    /// Makes an event descriptor readable.
    void increment(int eventDescriptor) {
        counter.set(JAVA_LONG, 0, 1);
        try {
            var _ = (long) WRITE.invokeExact(state, eventDescriptor, counter, (long) COUNTER_BYTES);
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    /// Makes an event descriptor unreadable again.
    void reset(int eventDescriptor) {
        try {
            var _ = (long) READ.invokeExact(state, eventDescriptor, counter, (long) COUNTER_BYTES);
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    void close(int descriptor) {
        try {
            var _ = (int) CLOSE.invokeExact(state, descriptor);
        } catch (Throwable impossible) {
            throw unexpected(impossible);
        }
    }

    /// {@return a failure that is none of the call itself}
    private static RuntimeException unexpected(Throwable failure) {
        return switch (failure) {
            case Error error -> throw error;
            case RuntimeException unchecked -> unchecked;
            default -> new IllegalStateException("a system call threw " + failure, failure);
        };
    }
}
