package dev.jloop.netty;

import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/// A part of a file on its way through a pipeline. The file belongs to whoever sends it, and is not
/// closed here.
final class FilePart extends AbstractReferenceCounted implements FileRegion {
    private final FileChannel file;
    private final long position;
    private final long count;
    private long transferred;

    FilePart(FileChannel file, long position, long count) {
        this.file = file;
        this.position = position;
        this.count = count;
    }

    FileChannel file() {
        return file;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public long transferred() {
        return transferred;
    }

    @Deprecated
    @Override
    public long transfered() {
        return transferred;
    }

    /// For handlers that read a region themselves.
    @Override
    public long transferTo(WritableByteChannel target, long offset) throws IOException {
        var moved = file.transferTo(position + offset, count - offset, target);
        transferred += moved;
        return moved;
    }

    @Override
    protected void deallocate() {
        // The file is not ours to close.
    }

    @Override
    public FilePart retain() {
        super.retain();
        return this;
    }

    @Override
    public FilePart retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public FilePart touch() {
        return this;
    }

    @Override
    public FilePart touch(Object hint) {
        return this;
    }

    @Override
    public String toString() {
        return "FilePart[" + count + " bytes from " + position + "]";
    }
}
