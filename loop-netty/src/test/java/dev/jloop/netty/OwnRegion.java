package dev.jloop.netty;

import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;

import java.nio.channels.WritableByteChannel;

/// A region of a kind that no transport knows.
final class OwnRegion extends AbstractReferenceCounted implements FileRegion {
    private long transferred;

    @Override
    public long position() {
        return 0;
    }

    @Override
    public long count() {
        return 10;
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

    @Override
    public long transferTo(WritableByteChannel target, long offset) {
        transferred = count();
        return transferred;
    }

    @Override
    protected void deallocate() {}

    @Override
    public OwnRegion retain() {
        super.retain();
        return this;
    }

    @Override
    public OwnRegion retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public OwnRegion touch() {
        return this;
    }

    @Override
    public OwnRegion touch(Object hint) {
        return this;
    }
}
