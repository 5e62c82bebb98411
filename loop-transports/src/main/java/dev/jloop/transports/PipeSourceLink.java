package dev.jloop.transports;

import dev.jloop.core.ChannelClaim;
import dev.jloop.core.EventLoop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;

/// The reading end of a pipe of `java.nio`.
final class PipeSourceLink extends PipeLink {
    private final Pipe.SourceChannel channel;
    private final ChannelClaim claim;

    /// @param channel in non-blocking mode; belongs to the link once this has returned
    PipeSourceLink(EventLoop loop, Pipe.SourceChannel channel) {
        super(null);
        this.channel = channel;
        claim = loop.claimChannel(channel, "the transport of a read pipe");
    }

    @Override
    public boolean canWrite() {
        return false;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return channel.read(into);
    }

    @Override
    public long write(ByteBuffer[] data, int offset, int count) {
        throw wrongDirection();
    }

    @Override
    public long transferFrom(FileChannel file, long offset, long count) {
        throw wrongDirection();
    }

    @Override
    public void addReader(Runnable callback) {
        claim.addReader(callback);
    }

    @Override
    public void removeReader() {
        claim.removeReader();
    }

    @Override
    public void addWriter(Runnable callback) {
        throw wrongDirection();
    }

    @Override
    public void removeWriter() {}

    @Override
    boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() {
        ChannelClosing.close(claim, channel, this);
    }

    @Override
    public String toString() {
        return "read pipe " + channel;
    }
}
