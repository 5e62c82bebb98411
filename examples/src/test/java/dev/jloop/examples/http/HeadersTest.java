package dev.jloop.examples.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class HeadersTest {
    @Test
    void membersOfAllFieldsOfANameAreJoined() throws MalformedMessageException {
        var headers = Headers.parse(List.of("Accept: A, b ,", "x: no", "ACCEPT: c"));

        assertThat(headers.members("accept")).containsExactly("a", "b", "c");
        assertThat(headers.first("accept")).hasValue("A, b ,");
        assertThat(headers.first("missing")).isEmpty();
    }
}
