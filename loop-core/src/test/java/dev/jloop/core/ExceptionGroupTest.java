package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

class ExceptionGroupTest {
    private final IOException io = new IOException("io");
    private final IllegalStateException state = new IllegalStateException("state");
    private final IllegalArgumentException argument = new IllegalArgumentException("argument");
    private final ExceptionGroup inner = new ExceptionGroup("inner", List.of(state, argument));
    private final ExceptionGroup group = new ExceptionGroup("outer", List.of(io, inner));

    @Test
    void itHoldsItsExceptionsInOrderAndCountsThem() {
        assertThat(group.exceptions()).containsExactly(io, inner);
        assertThat(group).hasMessage("outer (2 exceptions)");
        assertThat(new ExceptionGroup("one", List.of(io))).hasMessage("one (1 exception)");
    }

    @Test
    void itCannotBeEmpty() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ExceptionGroup("none", List.of()))
                .withMessageContaining("at least one");
    }

    @Test
    void splitDividesNestedGroupsAndKeepsTheirStructure() {
        var split = group.split(IllegalStateException.class);

        var matching = split.matching().orElseThrow();
        assertThat(matching).hasMessage("outer (1 exception)");
        assertThat(matching.exceptions()).hasSize(1);
        assertThat(((ExceptionGroup) matching.exceptions().getFirst()).exceptions())
                .containsExactly(state);
        assertThat(matching.getStackTrace()).isEqualTo(group.getStackTrace());

        var rest = split.rest().orElseThrow();
        assertThat(rest.exceptions()).hasSize(2).first().isSameAs(io);
        assertThat(((ExceptionGroup) rest.exceptions().getLast()).exceptions())
                .containsExactly(argument);
    }

    @Test
    void splitBySomethingThatIsNotThereLeavesEverythingInTheRest() {
        var split = group.split(ClassCastException.class);
        assertThat(split.matching()).isEmpty();
        assertThat(split.rest().orElseThrow().exceptions()).hasSize(2);
    }

    @Test
    void splitByATypeThatTheGroupIsItselfGivesTheWholeGroup() {
        var split = group.split(RuntimeException.class);
        assertThat(split.matching()).containsSame(group);
        assertThat(split.rest()).isEmpty();
    }

    @Test
    void subgroupIsTheMatchingPart() {
        assertThat(group.subgroup(IOException.class).orElseThrow().exceptions())
                .containsExactly(io);
        assertThat(group.subgroup(ClassCastException.class)).isEmpty();
    }

    @Test
    void aPrintedStackTraceShowsEveryBranch() {
        var text = new StringWriter();
        group.printStackTrace(new PrintWriter(text));
        assertThat(text.toString())
                .contains("outer (2 exceptions)")
                .contains("Suppressed: java.io.IOException: io")
                .contains("inner (2 exceptions)")
                .contains("Suppressed: java.lang.IllegalStateException: state")
                .contains("Suppressed: java.lang.IllegalArgumentException: argument");
    }

    @Test
    void partsOfAGroupKeepItsCauseAndWhatWasSuppressedLater() {
        var cause = new IllegalStateException("cause");
        var later = new IOException("of the clean-up");
        group.initCause(cause);
        group.addSuppressed(later);

        var split = group.split(IllegalArgumentException.class);

        for (var part : List.of(split.matching().orElseThrow(), split.rest().orElseThrow())) {
            assertThat(part).hasCause(cause);
            assertThat(part.getSuppressed())
                    .startsWith(part.exceptions().toArray(Throwable[]::new))
                    .endsWith(later);
        }
    }
}
