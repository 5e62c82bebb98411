package dev.jloop.transports;

import dev.jloop.core.ChannelClaim;
import dev.jloop.core.EventLoop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;

/// The writing end of a pipe of `java.nio`.
final class PipeSinkLink extends PipeLink {
    private final Pipe.SinkChannel channel;
    private final ChannelClaim claim;

    /// @param channel in non-blocking mode; belongs to the link once this has returned
    PipeSinkLink(EventLoop loop, Pipe.SinkChannel channel) {
        super(null);
        this.channel = channel;
        claim = loop.claimChannel(channel, "the transport of a write pipe");
    }

    @Override
    public boolean canRead() {
        return false;
    }

    @Override
    public int read(ByteBuffer into) {
        return 0;
    }

    @Override
    public long write(ByteBuffer[] data, int offset, int count) throws IOException {
        return count == 1 ? channel.write(data[offset]) : channel.write(data, offset, count);
    }

    @Override
    public long transferFrom(FileChannel file, long offset, long count) throws IOException {
        return file.transferTo(offset, count, channel);
    }

    /// The JDK tells of a reader that has gone only to those who wait to write, so that there is
    /// nothing to add here.
    @Override
    public void addReader(Runnable callback) {}

    @Override
    public void removeReader() {}

    @Override
    public void addWriter(Runnable callback) {
        claim.addWriter(callback);
    }

    @Override
    public void removeWriter() {
        claim.removeWriter();
    }

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
        return "write pipe " + channel;
    }
}
