package dev.jloop.streams;

import dev.jloop.transports.Key;
import dev.jloop.transports.Protocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/// Keeps what is written, and does what a test says, so that a test can choose the turn in which
/// something happens.
final class FakeTransport implements Transport {
    final List<ByteBuf> written = new ArrayList<>();
    boolean reading = true;

    /// Whether buffers are released instead of being kept.
    boolean discards;

    boolean closing;

    private final StreamProtocol protocol;
    private final StreamWriter writer;

    private FakeTransport(StreamProtocol protocol) {
        this.protocol = protocol;
        writer = protocol.handOut();
    }

    /// Connects a protocol.
    static FakeTransport below(StreamProtocol protocol) {
        var transport = new FakeTransport(protocol);
        protocol.connectionMade(transport);
        return transport;
    }

    StreamReader reader() {
        return writer.reader();
    }

    StreamWriter writer() {
        return writer;
    }

    /// {@return all that was written} What was written as a buffer is released.
    byte[] takeWritten() {
        var all = Unpooled.wrappedBuffer(written.toArray(ByteBuf[]::new));
        var bytes = new byte[all.readableBytes()];
        all.readBytes(bytes).release();
        written.clear();
        return bytes;
    }

    @Override
    public void write(ByteBuf data) {
        if (discards) {
            data.release();
        } else {
            written.add(data);
        }
    }

    @Override
    public void write(ByteBuffer data) {
        written.add(Unpooled.copiedBuffer(data));
    }

    @Override
    public void write(byte[] data) {
        written.add(Unpooled.copiedBuffer(data));
    }

    @Override
    public void writev(List<ByteBuffer> data) {
        data.forEach(this::write);
    }

    @Override
    public void writeEof() {}

    @Override
    public boolean canWriteEof() {
        return true;
    }

    @Override
    public void close() {}

    @Override
    public void abort() {}

    @Override
    public boolean isClosing() {
        return closing;
    }

    @Override
    public void pauseReading() {
        reading = false;
    }

    @Override
    public void resumeReading() {
        reading = true;
    }

    @Override
    public boolean isReading() {
        return reading;
    }

    @Override
    public void setWriteBufferLimits(int high, int low) {}

    @Override
    public long writeBufferSize() {
        return written.stream().mapToLong(ByteBuf::readableBytes).sum();
    }

    @Override
    public <T> @Nullable T extra(Key<T> key) {
        return null;
    }

    @Override
    public Protocol protocol() {
        return protocol;
    }

    @Override
    public void setProtocol(Protocol other) {
        throw new UnsupportedOperationException("not needed by the tests");
    }

    @Override
    public long sendFile(FileChannel file, long offset, long count) {
        throw new UnsupportedOperationException("not needed by the tests");
    }
}
