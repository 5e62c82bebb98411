package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.util.List;

/// Fails a test class that has lost a buffer without releasing it.
final class LeakCheck implements AfterAllCallback {
    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(takeLeaks()).as("buffers that were never released").isEmpty();
    }

    static List<String> takeLeaks() {
        System.gc();
        // Netty looks for lost buffers when it makes a new one.
        Unpooled.directBuffer(1).release();
        var leaks = List.copyOf(RecordingLeakDetector.LEAKS);
        RecordingLeakDetector.LEAKS.clear();
        return leaks;
    }
}
