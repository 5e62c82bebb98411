package dev.jloop.transports;

import io.netty.buffer.AbstractReferenceCountedByteBuf;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;

/// A part of a [ReadMemory], with a reference count of its own, that can be moved to another part
/// once nobody refers to it: Netty's slices can not. Nothing outside the window can be reached
/// through it.
abstract class WindowBuffer extends AbstractReferenceCountedByteBuf {
    private ReadMemory memory = ReadMemory.NONE;
    private int offset;
    private int capacity;

    /// Without references, and with nothing to see.
    WindowBuffer() {
        super(Integer.MAX_VALUE);
        setRefCnt(0);
    }

    /// Moves the window over `count` readable bytes. There must be no reference to it, and there is
    /// one afterwards.
    final void show(ReadMemory newMemory, int index, int count) {
        memory = newMemory;
        offset = index;
        capacity = count;
        maxCapacity(count);
        resetRefCnt();
        setIndex(0, 0);
        markReaderIndex();
        markWriterIndex();
        setIndex(0, count);
    }

    /// Closes the window.
    ///
    /// @return what it showed
    final ReadMemory hide() {
        var shown = memory;
        memory = ReadMemory.NONE;
        capacity = 0;
        return shown;
    }

    /// {@return the readable bytes, for `sender` to send as the first of its parts}
    final ByteBuffer firstPartFor(Gather sender) {
        ensureAccessible();
        var count = readableBytes();
        return memory.firstPartFor(sender, at(readerIndex(), count), count);
    }

    private ByteBuffer bytes() {
        return memory.all();
    }

    /// {@return where in the memory `count` bytes of the window are} A slice of an earlier window
    /// asks for bytes without asking where this one ends, and Netty's own checks can be switched
    /// off.
    private int at(int index, int count) {
        return offset + Objects.checkFromIndexSize(index, count, capacity);
    }

    @Override
    protected byte _getByte(int index) {
        return bytes().get(at(index, Byte.BYTES));
    }

    @Override
    protected short _getShort(int index) {
        return bytes().getShort(at(index, Short.BYTES));
    }

    @Override
    protected short _getShortLE(int index) {
        return Short.reverseBytes(_getShort(index));
    }

    @Override
    protected int _getUnsignedMedium(int index) {
        return ((_getByte(index) & 0xff) << 16) | (_getShort(index + 1) & 0xffff);
    }

    @Override
    protected int _getUnsignedMediumLE(int index) {
        return (_getByte(index) & 0xff)
                | ((_getByte(index + 1) & 0xff) << 8)
                | ((_getByte(index + 2) & 0xff) << 16);
    }

    @Override
    protected int _getInt(int index) {
        return bytes().getInt(at(index, Integer.BYTES));
    }

    @Override
    protected int _getIntLE(int index) {
        return Integer.reverseBytes(_getInt(index));
    }

    @Override
    protected long _getLong(int index) {
        return bytes().getLong(at(index, Long.BYTES));
    }

    @Override
    protected long _getLongLE(int index) {
        return Long.reverseBytes(_getLong(index));
    }

    @Override
    protected void _setByte(int index, int value) {
        bytes().put(at(index, Byte.BYTES), (byte) value);
    }

    @Override
    protected void _setShort(int index, int value) {
        bytes().putShort(at(index, Short.BYTES), (short) value);
    }

    @Override
    protected void _setShortLE(int index, int value) {
        _setShort(index, Short.reverseBytes((short) value));
    }

    @Override
    protected void _setMedium(int index, int value) {
        _setByte(index, value >>> 16);
        _setShort(index + 1, value);
    }

    @Override
    protected void _setMediumLE(int index, int value) {
        _setShortLE(index, value);
        _setByte(index + 2, value >>> 16);
    }

    @Override
    protected void _setInt(int index, int value) {
        bytes().putInt(at(index, Integer.BYTES), value);
    }

    @Override
    protected void _setIntLE(int index, int value) {
        _setInt(index, Integer.reverseBytes(value));
    }

    @Override
    protected void _setLong(int index, long value) {
        bytes().putLong(at(index, Long.BYTES), value);
    }

    @Override
    protected void _setLongLE(int index, long value) {
        _setLong(index, Long.reverseBytes(value));
    }

    @Override
    public ByteBuf getBytes(int index, byte[] destination, int start, int length) {
        checkDstIndex(index, length, start, destination.length);
        bytes().get(at(index, length), destination, start, length);
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuffer destination) {
        var length = destination.remaining();
        checkIndex(index, length);
        destination.put(destination.position(), bytes(), at(index, length), length);
        destination.position(destination.limit());
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuf destination, int start, int length) {
        checkDstIndex(index, length, start, destination.capacity());
        destination.setBytes(start, nioBuffer(index, length));
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, OutputStream destination, int length) throws IOException {
        var copy = new byte[length];
        getBytes(index, copy, 0, length);
        destination.write(copy);
        return this;
    }

    @Override
    public int getBytes(int index, GatheringByteChannel destination, int length)
            throws IOException {
        return destination.write(nioBuffer(index, length));
    }

    @Override
    public int getBytes(int index, FileChannel destination, long position, int length)
            throws IOException {
        return destination.write(nioBuffer(index, length), position);
    }

    @Override
    public ByteBuf setBytes(int index, byte[] source, int start, int length) {
        checkSrcIndex(index, length, start, source.length);
        bytes().put(at(index, length), source, start, length);
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuffer source) {
        var length = source.remaining();
        checkIndex(index, length);
        bytes().put(at(index, length), source, source.position(), length);
        source.position(source.limit());
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuf source, int start, int length) {
        checkSrcIndex(index, length, start, source.capacity());
        source.getBytes(start, nioBuffer(index, length));
        return this;
    }

    @Override
    public int setBytes(int index, InputStream source, int length) throws IOException {
        checkIndex(index, length);
        var copy = new byte[length];
        var count = source.read(copy);
        if (count > 0) {
            setBytes(index, copy, 0, count);
        }
        return count;
    }

    @Override
    public int setBytes(int index, ScatteringByteChannel source, int length) throws IOException {
        return source.read(nioBuffer(index, length));
    }

    @Override
    public int setBytes(int index, FileChannel source, long position, int length)
            throws IOException {
        return source.read(nioBuffer(index, length), position);
    }

    @Override
    public ByteBuf copy(int index, int length) {
        checkIndex(index, length);
        var copy = alloc().directBuffer(length, Integer.MAX_VALUE);
        return copy.writeBytes(this, index, length);
    }

    @Override
    public int nioBufferCount() {
        return 1;
    }

    @Override
    public ByteBuffer nioBuffer(int index, int length) {
        checkIndex(index, length);
        return bytes().slice(at(index, length), length);
    }

    @Override
    public ByteBuffer[] nioBuffers(int index, int length) {
        return new ByteBuffer[] {nioBuffer(index, length)};
    }

    @Override
    public ByteBuffer internalNioBuffer(int index, int length) {
        return nioBuffer(index, length);
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        throw new UnsupportedOperationException(
                "the capacity of a received buffer is "
                        + capacity
                        + " and cannot become "
                        + newCapacity
                        + "; copy() gives one that grows");
    }

    @Override
    public ByteBufAllocator alloc() {
        return UnpooledByteBufAllocator.DEFAULT;
    }

    @Override
    @SuppressWarnings("deprecation") // there is no other way
    public ByteOrder order() {
        return ByteOrder.BIG_ENDIAN;
    }

    @Override
    public @Nullable ByteBuf unwrap() {
        return null; // what lies outside the window is nobody's business
    }

    @Override
    public boolean isDirect() {
        return true;
    }

    @Override
    public boolean isContiguous() {
        return true;
    }

    @Override
    public boolean hasArray() {
        return false;
    }

    @Override
    public byte[] array() {
        throw new UnsupportedOperationException("a received buffer has no array: see hasArray()");
    }

    @Override
    public int arrayOffset() {
        throw new UnsupportedOperationException("a received buffer has no array: see hasArray()");
    }

    @Override
    public boolean hasMemoryAddress() {
        return false;
    }

    @Override
    public long memoryAddress() {
        throw new UnsupportedOperationException(
                "a received buffer does not tell its address: see hasMemoryAddress()");
    }
}
