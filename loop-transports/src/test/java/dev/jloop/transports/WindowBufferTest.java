package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.function.Consumer;

/// A window does what Netty's own buffers do, and shows nothing beside it.
@ExtendWith(LeakCheck.class)
class WindowBufferTest {
    private static final int OFFSET = 13;
    private static final int COUNT = 100;
    private static final int AROUND = 200;

    private final Random random = new Random(25);
    private final Gather gather = new Gather();
    private final ByteBuf memory = Unpooled.directBuffer(AROUND, AROUND);
    private final byte[] before = new byte[AROUND];
    private final ReadMemory shared;
    private final Loan window = new Loan();

    /// Netty's own, with the same bytes.
    private final ByteBuf model;

    WindowBufferTest() {
        random.nextBytes(before);
        memory.writeBytes(before);
        shared = new ReadMemory(memory, gather);
        window.lend(shared, OFFSET, COUNT);
        model = Unpooled.copiedBuffer(before, OFFSET, COUNT);
    }

    @AfterEach
    void nothingBesideTheWindowHasChanged() {
        var expected = before.clone();
        model.getBytes(0, expected, OFFSET, COUNT);
        var now = new byte[AROUND];
        memory.getBytes(0, now);
        assertThat(now).isEqualTo(expected);
        window.release();
        assertThat(memory.refCnt()).isEqualTo(1);
        memory.release();
        model.release();
    }

    private void onBoth(Consumer<ByteBuf> change) {
        change.accept(model);
        change.accept(window);
        assertThat(window).isEqualTo(model);
        assertThat(window.readerIndex()).isEqualTo(model.readerIndex());
    }

    @Test
    void numbersAreReadAsFromNettysBuffers() {
        for (var index = 0; index <= COUNT - Long.BYTES; index++) {
            assertThat(window.getByte(index)).isEqualTo(model.getByte(index));
            assertThat(window.getShort(index)).isEqualTo(model.getShort(index));
            assertThat(window.getShortLE(index)).isEqualTo(model.getShortLE(index));
            assertThat(window.getMedium(index)).isEqualTo(model.getMedium(index));
            assertThat(window.getMediumLE(index)).isEqualTo(model.getMediumLE(index));
            assertThat(window.getInt(index)).isEqualTo(model.getInt(index));
            assertThat(window.getIntLE(index)).isEqualTo(model.getIntLE(index));
            assertThat(window.getLong(index)).isEqualTo(model.getLong(index));
            assertThat(window.getLongLE(index)).isEqualTo(model.getLongLE(index));
        }
    }

    @Test
    void numbersAreWrittenAsIntoNettysBuffers() {
        for (var index = 0; index <= COUNT - Long.BYTES; index++) {
            var at = index;
            var value = random.nextLong();
            onBoth(buffer -> buffer.setByte(at, (int) value));
            onBoth(buffer -> buffer.setShort(at, (int) value));
            onBoth(buffer -> buffer.setShortLE(at, (int) value));
            onBoth(buffer -> buffer.setMedium(at, (int) value));
            onBoth(buffer -> buffer.setMediumLE(at, (int) value));
            onBoth(buffer -> buffer.setInt(at, (int) value));
            onBoth(buffer -> buffer.setIntLE(at, (int) value));
            onBoth(buffer -> buffer.setLong(at, value));
            onBoth(buffer -> buffer.setLongLE(at, value));
        }
    }

    @Test
    void bytesAreCopiedInAndOut() throws IOException {
        var source = new byte[40];
        random.nextBytes(source);
        onBoth(buffer -> buffer.setBytes(3, source, 5, 20));
        onBoth(buffer -> buffer.setBytes(7, ByteBuffer.wrap(source, 2, 30)));
        onBoth(buffer -> buffer.setBytes(11, Unpooled.wrappedBuffer(source), 4, 9));
        for (var destination : new ByteBuf[] {Unpooled.buffer(50), Unpooled.directBuffer(50)}) {
            destination.writeZero(50);
            window.getBytes(9, destination, 6, 33);
            assertThat(destination.slice(6, 33)).isEqualTo(model.slice(9, 33));
            destination.release();
        }
        var heap = ByteBuffer.allocate(31);
        window.getBytes(2, heap);
        assertThat(heap.hasRemaining()).isFalse();
        assertThat(Unpooled.wrappedBuffer(heap.flip())).isEqualTo(model.slice(2, 31));
        var stream = new ByteArrayOutputStream();
        window.getBytes(1, stream, COUNT - 1);
        assertThat(Unpooled.wrappedBuffer(stream.toByteArray())).isEqualTo(model.slice(1, 99));
        for (var buffer : new ByteBuf[] {model, window}) {
            assertThat(buffer.setBytes(0, new ByteArrayInputStream(source), 60)).isEqualTo(40);
            assertThat(buffer.setBytes(0, new ByteArrayInputStream(new byte[0]), 1)).isEqualTo(-1);
        }
        assertThat(window).isEqualTo(model);
        var copy = window.copy(4, 20);
        assertThat(copy).isEqualTo(model.slice(4, 20));
        copy.writeByte(1).release();
    }

    @Test
    void channelsReadAndWriteIt() throws IOException {
        var file = Files.createTempFile("window", null);
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE)) {
            assertThat(window.getBytes(5, channel, 0L, 30)).isEqualTo(30);
            channel.position(30);
            assertThat(window.getBytes(50, channel, 10)).isEqualTo(10);
            model.setBytes(60, model.copy(5, 30), 0, 30);
            assertThat(window.setBytes(60, channel, 0L, 30)).isEqualTo(30);
            assertThat(window).isEqualTo(model);
            channel.position(30);
            model.setBytes(0, model.copy(50, 10), 0, 10);
            assertThat(window.setBytes(0, channel, 10)).isEqualTo(10);
            assertThat(window).isEqualTo(model);
        }
    }

    @Test
    void viewsShowTheWindowAndNothingElse() {
        var view = window.nioBuffer(10, 20).clear();
        assertThat(view.capacity()).isEqualTo(20);
        assertThat(Unpooled.wrappedBuffer(view)).isEqualTo(model.slice(10, 20));
        assertThat(window.nioBuffers(10, 20)).containsExactly(model.nioBuffer(10, 20));
        assertThat(Unpooled.wrappedBuffer(window.internalNioBuffer(10, 20)))
                .isEqualTo(model.slice(10, 20));
        assertThat(Unpooled.wrappedBuffer(window.internalNioBuffer(0, COUNT))).isEqualTo(model);
        assertThat(window.slice(3, 5).unwrap()).isSameAs(window);
        assertThat(window.unwrap()).isNull();
        assertThat(window.hasArray() || window.hasMemoryAddress()).isFalse();
    }

    @Test
    void indexesBesideTheWindowAreRefused() {
        for (var index : new int[] {-1, COUNT, COUNT + 1}) {
            assertThatThrownBy(() -> window.getByte(index))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> window.setByte(index, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> window.getBytes(index, new byte[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> window.setBytes(index, ByteBuffer.allocate(1)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> window.getBytes(index, Unpooled.buffer(9).writeZero(9), 0, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> window.nioBuffer(index, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> window.internalNioBuffer(index, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> window.copy(index, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatThrownBy(() -> window.writeByte(1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> window.capacity(AROUND))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aWindowThatWasReleasedShowsNothing() {
        var closed = new Loan();
        closed.lend(shared, OFFSET, COUNT);
        closed.release();
        assertThatThrownBy(() -> closed.getByte(0)).hasMessageContaining("refCnt: 0");
        assertThatThrownBy(() -> closed.internalNioBuffer(0, 1)).hasMessageContaining("refCnt: 0");
        assertThat(closed.capacity()).isZero();
    }

    @Test
    void aSliceOfAnEarlierWindowReachesNothingBesideTheNext() {
        var moved = new Loan();
        moved.lend(shared, OFFSET, 50);
        var kept = moved.slice(0, 50);
        moved.release();
        moved.lend(shared, 0, 10);
        assertThat(kept.getByte(9)).isEqualTo(before[9]);
        for (var index : new int[] {3, 10, 20}) {
            assertThatThrownBy(() -> kept.getLong(index))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> kept.setLong(index, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        moved.release();
    }

    @Test
    void onlyTheFirstPartOfItsGatherIsSentWithASharedView() {
        var second = new Loan();
        second.lend(shared, 0, 10);
        window.skipBytes(1);
        var first = window.firstPartFor(gather);
        assertThat(Unpooled.wrappedBuffer(first)).isEqualTo(window);
        assertThat(Unpooled.wrappedBuffer(window.firstPartFor(new Gather()))).isEqualTo(window);
        var others = second.firstPartFor(new Gather());
        assertThat(Unpooled.wrappedBuffer(first)).isEqualTo(window);
        assertThat(Unpooled.wrappedBuffer(others)).isEqualTo(second);
        assertThat(second.firstPartFor(gather)).isSameAs(first);
        assertThat(Unpooled.wrappedBuffer(first)).isEqualTo(second);
        second.release();
    }

    @Test
    void aWindowThatIsMovedShowsItsNewPlaceOnly() {
        var moved = new Loan();
        for (var place = 0; place < 5; place++) {
            moved.lend(shared, place, 3);
            assertThat(moved).isEqualTo(Unpooled.wrappedBuffer(before, place, 3));
            assertThat(Unpooled.wrappedBuffer(moved.internalNioBuffer(0, 3))).isEqualTo(moved);
            assertThat(moved.maxCapacity()).isEqualTo(3);
            moved.release();
        }
        var other = Unpooled.copiedBuffer(new byte[] {1, 2, 3});
        moved.lend(new ReadMemory(other, null), 1, 2);
        assertThat(moved.getShort(0)).isEqualTo((short) 0x0203);
        assertThat(moved.internalNioBuffer(0, 2).get()).isEqualTo((byte) 2);
        moved.release();
        other.release();
    }
}
