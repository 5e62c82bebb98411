package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.HashSet;

class PortNumbersTest {
    private final PortNumbers ports = new PortNumbers();

    private int take() {
        return ports.take(_ -> false).orElseThrow();
    }

    @Test
    void eachPortIsGivenOnceBeforeTheFirstComesAgain() {
        var seen = new HashSet<Integer>();
        for (var count = 0; count < 16_384; count++) {
            assertThat(seen.add(take())).isTrue();
        }
        assertThat(seen).allMatch(port -> port >= 49_152 && port <= 65_535);
        assertThat(take()).isEqualTo(49_152);
    }

    @Test
    void usedPortsAreSkippedAndWithoutAFreeOneThereIsNone() {
        assertThat(ports.take(port -> port < 50_000)).hasValue(50_000);
        assertThat(ports.take(port -> port >= 50_000)).hasValue(49_152);
        assertThat(ports.take(_ -> true)).isEmpty();
    }
}
