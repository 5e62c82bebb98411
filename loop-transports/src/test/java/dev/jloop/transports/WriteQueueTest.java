package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Random;

@ExtendWith(LeakCheck.class)
class WriteQueueTest {
    private final Random random = new Random(25);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private int taken;

    /// Takes `taken` bytes in each call, and can do nothing else.
    private final Network.Link link =
            (Network.Link)
                    Proxy.newProxyInstance(
                            Network.Link.class.getClassLoader(),
                            new Class<?>[] {Network.Link.class},
                            (_, method, arguments) -> {
                                assertThat(method.getName()).isEqualTo("write");
                                return take(
                                        (ByteBuffer[]) arguments[0],
                                        (int) arguments[1],
                                        (int) arguments[2]);
                            });

    private long take(ByteBuffer[] parts, int offset, int given) {
        var count = 0L;
        for (var i = offset; i < offset + given; i++) {
            while (parts[i].hasRemaining() && count < taken) {
                sent.write(parts[i].get());
                count++;
            }
        }
        return count;
    }

    private byte[] message() {
        var message = new byte[1 + random.nextInt(30)];
        random.nextBytes(message);
        written.writeBytes(message);
        return message;
    }

    private void add(WriteQueue queue) {
        if (random.nextBoolean()) {
            queue.add(Unpooled.copiedBuffer(message()));
        } else {
            queue.addCopy(message());
        }
        assertThat(queue.size()).isEqualTo(written.size() - sent.size());
    }

    @Test
    void whatIsWrittenLeavesInItsOrderHoweverLittleIsTakenAndHoweverOftenTheQueueIsEmptied() {
        MemoryNetwork.run(run -> {
            var queue = new WriteQueue(run.loop, new Gather());
            for (var fill = 0; fill < 20; fill++) {
                for (var message = random.nextInt(6); message >= 0; message--) {
                    add(queue);
                }
                do {
                    taken = random.nextInt(40);
                    var empty = queue.sendTo(link);
                    assertThat(empty).isEqualTo(queue.isEmpty());
                    if (random.nextInt(4) == 0) {
                        add(queue);
                    }
                } while (!queue.isEmpty());
            }
            assertThat(sent.toByteArray()).isEqualTo(written.toByteArray());
        });
    }

    @Test
    void allIsReleasedThoughSomeoneElseHasReleasedSomeOfIt() {
        MemoryNetwork.run(run -> {
            for (var released = 0; released < 3; released++) {
                var queue = new WriteQueue(run.loop, new Gather());
                var buffers = new ByteBuf[3];
                for (var i = 0; i < buffers.length; i++) {
                    buffers[i] = Unpooled.copiedBuffer(message());
                    queue.add(buffers[i]);
                }
                buffers[released].release();
                assertThat(queue.drop()).isInstanceOf(IllegalReferenceCountException.class);
                assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
                assertThat(queue.isEmpty()).isTrue();
                queue.addCopy(new byte[1]);
                assertThat(queue.drop()).isNull();
            }
        });
    }
}
