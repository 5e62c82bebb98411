package dev.jloop.examples.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.examples.http.server.Answer;
import dev.jloop.examples.http.server.HttpServer;
import dev.jloop.examples.http.server.ServerOptions;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.URI;
import java.time.Duration;

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

    @LoopTest
    void theQueryIsPartOfTheRequestButNotTheFragment(SimulatedNetwork network) throws Exception {
        network.setLatency(Duration.ofMillis(5));
        try (var server =
                HttpServer.start(
                        request -> Answer.text(200, request.target()),
                        (_, _, _) -> {},
                        "localhost",
                        0,
                        ServerOptions.DEFAULTS)) {
            var address = URI.create("http://localhost:" + server.port() + "?a=b#c");

            assertThat(new HttpClient(HttpLimits.DEFAULTS).get(address).bodyText())
                    .isEqualTo("/?a=b\n");
        }
    }
}
