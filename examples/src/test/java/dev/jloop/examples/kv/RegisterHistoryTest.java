package dev.jloop.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

class RegisterHistoryTest {
    private final RegisterHistory history = new RegisterHistory();

    private void assertViolation(List<String> order, String beginning) {
        assertThat(history.violation(order))
                .hasValueSatisfying(text -> assertThat(text).startsWith(beginning));
    }

    @Test
    void overlappingCallsMayTakeEffectInAnyOrder() {
        var first = history.now();
        var second = history.now();
        var read = history.now();
        history.put("a", first);
        history.read(Optional.of("b"), read);
        history.put("b", second);

        assertThat(history.violation(List.of("b", "a"))).isEmpty();
        assertThat(history.violation(List.of("a", "b"))).isEmpty();
    }

    @Test
    void anAcknowledgedPutMustBeThere() {
        history.put("a", history.now());

        assertViolation(List.of(), "acknowledged and lost: a");
    }

    @Test
    void aValueThatNobodyHasPutIsNotRead() {
        history.read(Optional.of("a"), history.now());

        assertViolation(List.of("b"), "read and never put: a");
    }

    @Test
    void aReadSeesWhatWasPutBeforeIt() {
        history.put("a", history.now());
        history.read(Optional.empty(), history.now());

        assertViolation(List.of("a"), "stale: ");
    }

    @Test
    void aValueDoesNotComeBack() {
        history.put("a", history.now());
        history.put("b", history.now());
        history.read(Optional.of("a"), history.now());

        assertViolation(List.of("a", "b"), "stale: ");
    }

    @Test
    void putsOneAfterTheOtherKeepTheirOrder() {
        history.put("a", history.now());
        history.put("b", history.now());

        assertThat(history.violation(List.of("a", "b"))).isEmpty();
        assertViolation(List.of("b", "a"), "out of order: ");
    }
}
