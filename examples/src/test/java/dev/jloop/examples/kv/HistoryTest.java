package dev.jloop.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Optional;

class HistoryTest {
    private final History history = new History();

    @Test
    void overlappingCallsMayTakeEffectInAnyOrder() {
        var first = history.now();
        var second = history.now();
        var read = history.now();
        history.appended("a", first);
        history.read(Optional.of("b;"), read);
        history.appended("b", second);

        assertThat(history.violation(Optional.of("b;a;"))).isEmpty();
    }

    @Test
    void anAppendThatWasNeverAnsweredMayBeThereOrNot() {
        history.now();

        assertThat(history.violation(Optional.of("a;"))).isEmpty();
        assertThat(history.violation(Optional.empty())).isEmpty();
    }

    @Test
    void anAcknowledgedAppendMustBeThere() {
        history.appended("a", history.now());

        assertThat(history.violation(Optional.empty()))
                .hasValueSatisfying(text -> assertThat(text).startsWith("acknowledged and lost"));
    }

    @Test
    void aTokenMustNotBeThereTwice() {
        assertThat(history.violation(Optional.of("a;b;a;")))
                .hasValueSatisfying(text -> assertThat(text).startsWith("applied twice: a"));
    }

    @Test
    void aReadSeesWhatWasAppendedBeforeIt() {
        history.appended("a", history.now());
        history.read(Optional.empty(), history.now());

        assertThat(history.violation(Optional.of("a;")))
                .hasValueSatisfying(text -> assertThat(text).startsWith("stale: "));
    }

    @Test
    void aReadSeesWhatAnEarlierReadHasSeen() {
        history.read(Optional.of("a;"), history.now());
        history.read(Optional.empty(), history.now());

        assertThat(history.violation(Optional.of("a;")))
                .hasValueSatisfying(text -> assertThat(text).startsWith("stale: "));
    }

    @Test
    void aReadSeesNothingOfTheFuture() {
        history.read(Optional.of("a;"), history.now());
        history.appended("a", history.now());

        assertThat(history.violation(Optional.of("a;")))
                .hasValueSatisfying(text -> assertThat(text).startsWith("out of order: "));
    }

    @Test
    void appendsOneAfterTheOtherKeepTheirOrder() {
        history.appended("a", history.now());
        history.appended("b", history.now());

        assertThat(history.violation(Optional.of("a;b;"))).isEmpty();
        assertThat(history.violation(Optional.of("b;a;")))
                .hasValueSatisfying(text -> assertThat(text).startsWith("out of order: "));
    }

    @Test
    void aReadOfWhatNeverWasIsFound() {
        history.read(Optional.of("b;"), history.now());

        assertThat(history.violation(Optional.of("a;b;")))
                .hasValueSatisfying(text -> assertThat(text).startsWith("read [b]"));
    }
}
