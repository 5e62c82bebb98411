package dev.jloop.core.spi;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory for events as epoll takes and gives them: what has happened, and 64 bits that come back
/// as they were given, here a descriptor and a number.
final class EpollEvents {
    /// Something can be read, or accepted, or there is nothing more to come.
    static final int IN = 1;

    /// Something can be written, or a connection is there or has failed.
    static final int OUT = 4;

    // Packed on Intel and AMD, and nowhere else.
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
    private static final long BYTES = PACKED ? 12 : 16;
    private static final long DESCRIPTOR = PACKED ? 4 : 8;
    private static final long NUMBER = DESCRIPTOR + 4;

    private final MemorySegment memory;

    EpollEvents(Arena arena, int count) {
        memory = arena.allocate(count * BYTES, 8);
    }

    MemorySegment memory() {
        return memory;
    }

    int count() {
        return (int) (memory.byteSize() / BYTES);
    }

    void set(int index, int what, int descriptor, int number) {
        memory.set(JAVA_INT_UNALIGNED, index * BYTES, what);
        memory.set(JAVA_INT_UNALIGNED, index * BYTES + DESCRIPTOR, descriptor);
        memory.set(JAVA_INT_UNALIGNED, index * BYTES + NUMBER, number);
    }

    int what(int index) {
        return memory.get(JAVA_INT_UNALIGNED, index * BYTES);
    }

    int descriptor(int index) {
        return memory.get(JAVA_INT_UNALIGNED, index * BYTES + DESCRIPTOR);
    }

    int number(int index) {
        return memory.get(JAVA_INT_UNALIGNED, index * BYTES + NUMBER);
    }
}
