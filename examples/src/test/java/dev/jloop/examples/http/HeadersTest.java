package dev.jloop.examples.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HeadersTest {
    @Test
    void membersOfAllFieldsOfANameAreJoined() {
        var headers = Headers.EMPTY.with("Accept", "A, b ,").with("x", "no").with("ACCEPT", "c");

        assertThat(headers.members("accept")).containsExactly("a", "b", "c");
        assertThat(headers.first("accept")).hasValue("A, b ,");
        assertThat(headers.first("missing")).isEmpty();
    }

    @Test
    void aValueCannotSmuggleALine() {
        assertThatThrownBy(() -> Headers.EMPTY.with("Location", "x\r\nSet-Cookie: y"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Location");
        assertThatThrownBy(() -> Headers.EMPTY.with("a b", "x"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
