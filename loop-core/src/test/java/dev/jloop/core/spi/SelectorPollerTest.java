package dev.jloop.core.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;

class SelectorPollerTest extends PollerContract {
    @Override
    Poller open() {
        return SelectorPoller.open();
    }

    /// What would clear the wake-up is the system call.
    @Test
    @Timeout(10)
    void aLookWithoutChannelsMakesNoSystemCall() throws IOException {
        try (var poller = open()) {
            poller.wakeup();
            assertThat(poller.poll(0)).isZero();
            assertThat(poller.poll(Long.MAX_VALUE)).isZero();
        }
    }
}
