package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

class OutsideWorkLedgerTest {
    @Test
    void workIsToldInTheOrderInWhichItBegan() {
        var ledger = new OutsideWorkLedger(() -> {});
        var tokens =
                IntStream.range(0, 50)
                        .mapToObj(number -> ledger.enter("work " + number, () -> {}))
                        .toList();
        tokens.get(20).close();

        assertThat(ledger.describe())
                .isEqualTo(
                        IntStream.range(0, 50)
                                .filter(number -> number != 20)
                                .mapToObj(number -> "    work " + number)
                                .collect(Collectors.joining(System.lineSeparator())));
        tokens.forEach(token -> token.close());
        assertThat(ledger.isEmpty()).isTrue();
    }
}
