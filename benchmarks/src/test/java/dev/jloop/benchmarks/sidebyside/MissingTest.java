package dev.jloop.benchmarks.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.CancelledError;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

class MissingTest {
    private final List<String> said = new ArrayList<>();
    private final Missing missing = new Missing(said::add);

    @Test
    void whatFailsIsSaidInOneLineAndKept() {
        var well =
                missing.tryAdd(
                        "no Go peer",
                        () -> {
                            throw new IOException("go ended with exit code 1\n  syntax error\n");
                        });

        assertThat(well).isFalse();
        assertThat(said)
                .containsExactly("no Go peer: go ended with exit code 1 / syntax error")
                .isEqualTo(missing.reasons());
    }

    @Test
    void whatGoesWellIsNotMissing() {
        assertThat(missing.tryGet("fine", () -> 7)).hasValue(7);
        assertThat(missing.reasons()).isEmpty();
    }

    @Test
    void aNativeLibraryThatCannotBeLoadedIsMissing() {
        assertThat(missing.tryAdd("no io_uring", MissingTest::failToLink)).isFalse();
        assertThat(said).containsExactly("no io_uring: UnsatisfiedLinkError");
    }

    private static void failToLink() {
        throw new UnsatisfiedLinkError();
    }

    @Test
    void cancellationIsNoReasonToGoOn() {
        assertThatThrownBy(() -> missing.tryAdd("peer", MissingTest::cancel))
                .isInstanceOf(CancelledError.class);
        assertThat(said).isEmpty();
    }

    private static void cancel() {
        throw new CancelledError();
    }
}
