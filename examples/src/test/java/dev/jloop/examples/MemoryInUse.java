package dev.jloop.examples;

import io.netty.buffer.UnpooledByteBufAllocator;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/// What this JVM uses, in bytes, apart from garbage.
///
/// @param heap objects
/// @param direct buffers outside of the heap
public record MemoryInUse(long heap, long direct) {
    /// {@return what is in use now, after collecting garbage} Takes a while.
    public static MemoryInUse now() {
        for (var round = 0; round < 3; round++) {
            System.gc();
        }
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return new MemoryInUse(heap, directNow());
    }

    /// {@return how many bytes of buffers outside of the heap are in use} Quick.
    public static long directNow() {
        var pools =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
        return pools + UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    @Override
    public String toString() {
        return heap / 1024 + " KiB of heap, " + direct / 1024 + " KiB direct";
    }
}
