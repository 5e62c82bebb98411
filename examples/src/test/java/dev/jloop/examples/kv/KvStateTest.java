package dev.jloop.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KvStateTest {
    private final KvState state = new KvState();

    @Test
    void aCommandThatComesAgainIsAppliedOnce() {
        state.apply(append("c", 1, "a"));
        state.apply(append("c", 1, "a"));
        state.apply(append("d", 1, "b"));
        state.apply(append("c", 2, "c"));
        state.apply(append("c", 1, "a"));

        assertThat(state.value("k")).contains("abc");
    }

    @Test
    void aValueThatWouldBecomeTooLongStaysAsItIs() {
        var long1 = "x".repeat(50_000);
        for (var i = 1; i <= KvState.LONGEST_VALUE / 50_000; i++) {
            state.apply(append("c", i, long1));
            assertThat(state.isTooLong(append("c", i, long1))).isFalse();
        }

        state.apply(append("c", 1_000, "y"));

        assertThat(state.isTooLong(append("c", 1_000, "y"))).isTrue();
        assertThat(state.value("k").orElseThrow()).hasSize(KvState.LONGEST_VALUE).endsWith("x");
    }

    private static Command append(String client, long sequence, String value) {
        return new Command(client, sequence, Command.Kind.APPEND, "k", value);
    }
}
