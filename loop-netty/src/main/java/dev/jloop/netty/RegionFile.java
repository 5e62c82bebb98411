package dev.jloop.netty;

import io.netty.channel.DefaultFileRegion;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;

/// A region of a file as a file that a transport can send: the region does not give away the file
/// that it holds, but transfers it to any channel, and to a socket without a copy.
///
/// A transport asks for each part once it has sent what comes before, so its questions tell how far
/// it is.
final class RegionFile extends FileChannel {
    private final DefaultFileRegion region;
    private final Consumer<RegionFile> whenFurther;

    /// How many bytes of the region are known to be sent.
    private long sent;

    /// How many of them [#takeProgress()] has told.
    private long told;

    /// @param whenFurther called in the middle of a transfer, when more bytes are known to be sent
    RegionFile(DefaultFileRegion region, Consumer<RegionFile> whenFurther) {
        this.region = region;
        this.whenFurther = whenFurther;
    }

    /// Called when all is sent.
    void allSent() {
        sent = region.count();
    }

    private void sentUpTo(long offset) {
        if (offset > sent) {
            sent = offset;
            whenFurther.accept(this);
        }
    }

    /// {@return how many more bytes were sent since the last call}
    long takeProgress() {
        var count = sent - told;
        told = sent;
        return count;
    }

    /// {@return what has to be read next, as a position in the file}
    long unsent() {
        return region.position() + sent;
    }

    /// Where the region ends. That its file ends earlier is told by the region when it gets there.
    @Override
    public long size() {
        return region.position() + region.count();
    }

    /// Transfers as much as the target takes, up to the end of the region.
    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
            throws IOException {
        var offset = position - region.position();
        var moved = region.transferTo(target, offset);
        sentUpTo(offset + moved);
        return moved;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        var offset = position - region.position();
        sentUpTo(offset);
        return (int) region.transferTo(new Taker(into), offset);
    }

    /// Takes what there is space for.
    private record Taker(ByteBuffer space) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) {
            var count = Math.min(source.remaining(), space.remaining());
            space.put(space.position(), source, source.position(), count);
            space.position(space.position() + count);
            source.position(source.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /// The region closes its file when it is released.
    @Override
    protected void implCloseChannel() {}

    private UnsupportedOperationException onlySent() {
        return new UnsupportedOperationException(region + " can only be sent");
    }

    @Override
    public int read(ByteBuffer into) {
        throw onlySent();
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw onlySent();
    }

    @Override
    public int write(ByteBuffer source) {
        throw onlySent();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw onlySent();
    }

    @Override
    public int write(ByteBuffer source, long position) {
        throw onlySent();
    }

    @Override
    public long position() {
        throw onlySent();
    }

    @Override
    public FileChannel position(long position) {
        throw onlySent();
    }

    @Override
    public FileChannel truncate(long size) {
        throw onlySent();
    }

    @Override
    public void force(boolean metaData) {
        throw onlySent();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw onlySent();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw onlySent();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw onlySent();
    }

    @Override
    public @Nullable FileLock tryLock(long position, long size, boolean shared) {
        throw onlySent();
    }
}
