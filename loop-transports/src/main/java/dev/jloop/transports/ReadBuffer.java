package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.io.IOException;
import java.nio.ByteBuffer;

/// The memory that all transports of a loop read into, one after the other.
///
/// A protocol gets a [Loan] of a part. As long as nobody retains one, the same memory is used again
/// from its start; what was retained stays where it is, and reading goes on behind it until too
/// little is left.
final class ReadBuffer implements AutoCloseable {
    private static final int CAPACITY = 256 * 1024;
    private static final int LEAST_SPACE = 16 * 1024;

    private ByteBuf memory = Unpooled.EMPTY_BUFFER;

    static ReadBuffer of(EventLoop loop) {
        return loop.service(ReadBuffer.class, _ -> new ReadBuffer());
    }

    /// Reads once; [#lend(int)] gives what was read.
    ///
    /// @return as [Network.Link#read(ByteBuffer)]
    int readFrom(Network.Link link) throws IOException {
        prepare(LEAST_SPACE);
        var space = memory.internalNioBuffer(memory.writerIndex(), memory.writableBytes());
        return link.read(space);
    }

    /// {@return space for the caller to read into; [#lend(int)] gives what it has read}
    ///
    /// @param count how many bytes, at most 256 KiB
    ByteBuffer space(int count) {
        prepare(count);
        return memory.internalNioBuffer(memory.writerIndex(), count);
    }

    /// {@return the `count` bytes read last: the caller hands them on and then gives them back}
    Loan lend(int count) {
        var loan = new Loan(memory, memory.writerIndex(), count);
        memory.writerIndex(memory.writerIndex() + count);
        return loan;
    }

    private void prepare(int leastSpace) {
        if (memory.capacity() > 0 && memory.refCnt() == 1) {
            memory.clear();
        } else if (memory.writableBytes() < leastSpace) {
            memory.release(); // does nothing to the empty buffer
            memory = Unpooled.EMPTY_BUFFER; // in case that there is no memory for another
            memory = Unpooled.directBuffer(CAPACITY, CAPACITY);
        }
    }

    @Override
    public void close() {
        memory.release();
        memory = Unpooled.EMPTY_BUFFER;
    }
}
