package dev.jloop.benchmarks.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class PinningTest {
    @Test
    void rangesAndNumbersAreRead() {
        assertThat(Pinning.processors("2-4,7,10-11")).containsExactly(2, 3, 4, 7, 10, 11);
    }

    @Test
    void eachSideHasItsProcessor() {
        var pinning = new Pinning("taskset", 2, 5);

        assertThat(pinning.server(List.of("java"))).containsExactly("taskset", "-c", "2", "java");
        assertThat(pinning.load(List.of("wrk"))).containsExactly("taskset", "-c", "5", "wrk");
    }

    @Test
    void withoutProcessorsOfTheirOwnCommandsStayAsTheyAre() {
        assertThat(Pinning.NONE.server(List.of("java"))).containsExactly("java");
    }
}
