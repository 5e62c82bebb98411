package dev.jloop.examples.chat;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class ChatOptionsTest {
    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> ChatOptions.DEFAULTS.withQueueBytes(10))
                .hasMessage(
                        "queueBytes must be at least four times longestLineBytes, was 10 for lines"
                                + " of 4096");
        assertThatThrownBy(() -> ChatOptions.DEFAULTS.withMostClients(0))
                .hasMessage("mostClients must be at least 1, was 0");
        assertThatThrownBy(() -> ChatOptions.DEFAULTS.withPatience(Duration.ZERO))
                .hasMessage("patience must be positive, was PT0S");
        assertThatThrownBy(() -> ChatOptions.DEFAULTS.withPause(Duration.ofNanos(-1)))
                .hasMessageContaining("must not be negative");
    }
}
