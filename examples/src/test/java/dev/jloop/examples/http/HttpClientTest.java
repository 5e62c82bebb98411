package dev.jloop.examples.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.URI;

class HttpClientTest {
    @ParameterizedTest
    @CsvSource({
        "https://example.org/, TLS is not there yet",
        "ftp://example.org/, only http",
        "http:/path, no host",
    })
    void anAddressThatCannotBeFetchedIsExplained(URI address, String explanation) {
        assertThatThrownBy(() -> Async.run(() -> new HttpClient(HttpLimits.DEFAULTS).get(address)))
                .cause()
                .isInstanceOf(UnsupportedAddressException.class)
                .hasMessageContaining(explanation);
    }

    @Test
    void theQueryIsPartOfTheRequestButNotTheFragment() {
        var target =
                Async.run(() -> {
                    try (var server =
                            HttpServer.start(
                                    request -> HttpResponse.text(200, request.target()),
                                    "127.0.0.1",
                                    0,
                                    HttpLimits.DEFAULTS,
                                    (_, _, _) -> {})) {
                        var address = URI.create("http://127.0.0.1:" + server.port() + "?a=b#c");
                        return new HttpClient(HttpLimits.DEFAULTS).get(address).bodyText();
                    }
                });

        assertThat(target).isEqualTo("/?a=b\n");
    }
}
