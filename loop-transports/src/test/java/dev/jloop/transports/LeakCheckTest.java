package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.util.List;

/// The check must be able to fail.
class LeakCheckTest {
    @Test
    void aBufferThatIsLostIsFound() {
        loseBuffer();
        List<String> leaks = LeakCheck.takeLeaks();
        // A collection that was asked for need not be complete, but soon one is.
        for (var attempt = 0; leaks.isEmpty() && attempt < 50; attempt++) {
            leaks = LeakCheck.takeLeaks();
        }
        assertThat(leaks).isNotEmpty();
    }

    private static void loseBuffer() {
        Unpooled.directBuffer(16).writeByte(1);
    }
}
