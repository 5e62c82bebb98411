package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import io.netty.buffer.Unpooled;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// The memory that all transports of a loop read into, one after the other.
///
/// A protocol gets a [Loan] of a part. As long as nobody retains one, the same memory is used again
/// from its start; what was retained stays where it is, and reading goes on behind it as long as
/// there is space for what the connection is expected to give, so that a message that comes as one
/// is read as one: a second part costs two more system calls. What is retained keeps up to 256 KiB
/// each; beside it the loop keeps 1 MiB at most.
final class ReadBuffer implements AutoCloseable {
    static final int CAPACITY = 256 * 1024;
    private static final int LEAST_SPACE = 16 * 1024;

    /// How many memories are kept whose parts were retained, to be used again one day.
    private static final int MOST_RESTING = 3;

    private final Gather sender;

    /// Its bytes before the writer index are lent.
    private ReadMemory memory = ReadMemory.NONE;

    /// The oldest first.
    private final ArrayDeque<ReadMemory> resting = new ArrayDeque<>(MOST_RESTING);

    /// @param sender of the same loop
    private ReadBuffer(Gather sender) {
        this.sender = sender;
    }

    static ReadBuffer of(EventLoop loop) {
        return loop.service(ReadBuffer.class, _ -> new ReadBuffer(Gather.of(loop)));
    }

    /// Reads once; [#lendTo(Loan, int)] gives what was read.
    ///
    /// @param expected for how many bytes there has to be space, at most 256 KiB
    /// @return as [Network.Link#read(ByteBuffer)]
    int readFrom(Network.Link link, int expected) throws IOException {
        prepare(Math.max(LEAST_SPACE, expected));
        return link.read(view(memory.buffer().writableBytes()));
    }

    /// {@return space for the caller to read into; [#lendTo(Loan, int)] gives what it has read}
    ///
    /// @param count how many bytes, at most 256 KiB
    ByteBuffer space(int count) {
        prepare(count);
        return view(count);
    }

    private ByteBuffer view(int count) {
        return memory.buffer().internalNioBuffer(memory.buffer().writerIndex(), count);
    }

    /// Lends the `count` bytes read last with an object that is free: see [Lender]. The caller
    /// hands them on and then gives them back.
    void lendTo(Loan loan, int count) {
        var start = memory.buffer().writerIndex();
        loan.lend(memory, start, count);
        memory.buffer().writerIndex(start + count);
    }

    /// {@return whether what was lent last has taken all the space there was}
    boolean isFull() {
        return !memory.buffer().isWritable();
    }

    private void prepare(int leastSpace) {
        if (isUnused(memory)) {
            memory.buffer().clear();
        } else if (memory.buffer().writableBytes() < leastSpace) {
            rest();
            memory = usedBefore();
        }
    }

    private static boolean isUnused(ReadMemory memory) {
        return memory != ReadMemory.NONE && memory.buffer().refCnt() == 1;
    }

    private void rest() {
        if (memory != ReadMemory.NONE) {
            resting.add(memory);
            memory = ReadMemory.NONE; // in case that there is no memory for another
        }
    }

    /// {@return one of those that rest, if nobody uses it any more, else a new one in place of the
    /// oldest}
    private ReadMemory usedBefore() {
        for (var memories = resting.size(); memories > 0; memories--) {
            var oldest = resting.remove();
            if (isUnused(oldest)) {
                oldest.buffer().clear();
                return oldest;
            }
            resting.add(oldest);
        }
        if (resting.size() > MOST_RESTING) {
            resting.remove().buffer().release();
        }
        return new ReadMemory(Unpooled.directBuffer(CAPACITY, CAPACITY), sender);
    }

    @Override
    public void close() {
        rest();
        while (!resting.isEmpty()) {
            resting.remove().buffer().release();
        }
    }
}
