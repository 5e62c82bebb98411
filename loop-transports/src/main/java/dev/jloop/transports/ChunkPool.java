package dev.jloop.transports;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// A bounded number of chunks of one size. Confined to the loop's thread.
final class ChunkPool {
    private final int chunkBytes;

    /// Those that nobody uses; the one used last is the next, as it may still be in the caches.
    private final @Nullable Chunk[] idle;

    private int idleCount;
    private int made;
    private boolean closed;

    ChunkPool(int chunkBytes, int mostBytes) {
        this.chunkBytes = chunkBytes;
        idle = new @Nullable Chunk[mostBytes / chunkBytes];
    }

    /// {@return an empty chunk, or null where all are in use}
    @Nullable ByteBuf take() {
        if (idleCount > 0) {
            var chunk = idle[--idleCount];
            idle[idleCount] = null;
            return chunk == null ? null : chunk.revive();
        }
        if (made == idle.length || closed) {
            return null;
        }
        var chunk = new Chunk();
        made++;
        return chunk;
    }

    /// Lets go of what nobody uses, and of the others once they are released.
    void close() {
        closed = true;
        Arrays.fill(idle, null);
        idleCount = 0;
    }

    /// The memory is the JDK's own, which the garbage collector frees, and not Netty's: for each of
    /// those in a gathering write the JDK allocates two objects, since they may be freed meanwhile.
    private final class Chunk extends UnpooledDirectByteBuf {
        Chunk() {
            super(
                    UnpooledByteBufAllocator.DEFAULT,
                    ByteBuffer.allocateDirect(chunkBytes),
                    chunkBytes);
            clear(); // what is given to a constructor counts as written
        }

        Chunk revive() {
            resetRefCnt();
            clear();
            return this;
        }

        @Override
        protected void deallocate() {
            if (!closed) {
                idle[idleCount++] = this;
            }
        }
    }
}
