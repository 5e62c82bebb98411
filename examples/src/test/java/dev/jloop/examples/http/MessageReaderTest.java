package dev.jloop.examples.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jloop.core.Async;
import dev.jloop.streams.StreamReader;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.CompletionException;

@SuppressWarnings("StringConcatToTextBlock") // lines end with CR and LF here
class MessageReaderTest {
    private static final HttpLimits LIMITS = new HttpLimits(128, 20);

    @Test
    void aHeadBeyondTheLimitIsTooLarge() {
        var text = "HTTP/1.1 200 OK\r\nA: " + "x".repeat(LIMITS.headBytes()) + "\r\n\r\n";

        assertThatThrownBy(() -> readResponse(text))
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageContaining("128");
    }

    @Test
    void aBodyWithALengthEndsThere() {
        var text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        var response = readResponse(text + "surplus");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.reason()).isEqualTo("OK");
        assertThat(response.bodyText()).isEqualTo("hello");
        assertThat(response.wireBytes()).isEqualTo(text.length());
    }

    @Test
    void chunksAreJoinedAndTheirFramingIsCounted() {
        var text =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
                        + "3;extension=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
        var response = readResponse(text);

        assertThat(response.bodyText()).isEqualTo("abc0123456789");
        assertThat(response.wireBytes()).isEqualTo(text.length());
    }

    @Test
    void aBodyWithoutALengthEndsWithTheConnection() {
        var text = "HTTP/1.0 200 \r\n\r\nuntil the end";
        var response = readResponse(text);

        assertThat(response.bodyText()).isEqualTo("until the end");
        assertThat(response.wireBytes()).isEqualTo(text.length());
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void someAnswersNeverHaveABody(int status) {
        assertThat(readResponse("HTTP/1.1 " + status + " x\r\n\r\nsurplus").body()).isEmpty();
    }

    @Test
    void interimAnswersArePassedOver() {
        var response =
                readResponse(
                        "HTTP/1.1 103 Early Hints\r\n"
                                + "Link: x\r\n\r\n"
                                + "HTTP/1.1 404 Not Found\r\n"
                                + "Content-Length: 0\r\n\r\n");

        assertThat(response.status()).isEqualTo(404);
    }

    @Test
    void theCharsetOfTheContentTypeIsUsed() {
        var response =
                readResponse(
                        "HTTP/1.1 200 OK\r\n"
                                + "Content-Type: text/html; charset=\"ISO-8859-1\"\r\n"
                                + "Content-Length: 1\r\n\r\n"
                                + "\u00E9");

        assertThat(response.bodyText()).isEqualTo("\u00E9");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SSH-2.0-x\\r\\n                                                      | SSH-2.0-x",
                "FTP 200 OK\\r\\n\\r\\n                                               | FTP 200 OK",
                "HTTP/1.1 OK\\r\\n\\r\\n"
                        + "                                              | HTTP/1.1 OK",
                "HTTP/1.1 200 OK\\r\\nContent-Length: -1\\r\\n\\r\\n                  | -1",
                "HTTP/1.1 200 OK\\r\\nContent-Length: 1, 2\\r\\n\\r\\n                | 1, 2",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: gzip\\r\\n\\r\\n             | gzip",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nxyz\\r\\n  | xyz",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n-1\\r\\n   | -1",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n1\\r\\nabc | line end",
                "HTTP/1.1 200 OK\\r\\nno colon\\r\\n\\r\\n                        | no colon",
                "HTTP/1.1 200 OK\\r\\nspace : x\\r\\n\\r\\n                       | space",
                "HTTP/1.1 200 OK\\r\\nA: 1\\r\\n folded\\r\\n\\r\\n              | folded",
                "HTTP/1.1 200 OK\\r\\nA: 1\\nB: 2\\r\\n\\r\\n                      | bare CR",
                "HTTP/1.1 200 OK\\r\\nA: \\0\\r\\n\\r\\n                          | control"
            })
    void aMalformedAnswerIsNamed(String escaped, String named) {
        assertThatThrownBy(() -> readResponse(escaped.translateEscapes()))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining(named);
    }

    @Test
    void aLengthAndChunksTogetherAreRefused() {
        var text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n";

        assertThatThrownBy(() -> readResponse(text)).isInstanceOf(MalformedMessageException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 O",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
            })
    void anAnswerCutShortIsToldFromAMalformedOne(String text) {
        assertThatThrownBy(() -> readResponse(text)).isInstanceOf(TruncatedMessageException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 21\r\n\r\n",
                "Content-Length: 999999999999999\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n",
                "Transfer-Encoding: chunked\r\n\r\n"
                        + "10\r\n"
                        + "0123456789abcdef\r\n"
                        + "5\r\n"
                        + "01234\r\n"
                        + "0\r\n\r\n",
                "\r\nmore than twenty bytes"
            })
    void aBodyBeyondTheLimitIsTooLargeHoweverItIsFramed(String rest) {
        assertThatThrownBy(() -> readResponse("HTTP/1.1 200 OK\r\n" + rest))
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageContaining("20 bytes");
    }

    private static HttpResponse readResponse(String text) {
        return read(text);
    }

    /// What a peer sends before it closes the connection.
    private static HttpResponse read(String text) {
        try {
            return Async.run(() -> {
                var stream = new StreamReader(LIMITS.headBytes());
                stream.feedData(text.getBytes(ISO_8859_1));
                stream.feedEof();
                return new MessageReader(stream, LIMITS).readResponse();
            });
        } catch (CompletionException failure) {
            throw sneaky(failure.getCause());
        }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> RuntimeException sneaky(Throwable failure) throws X {
        throw (X) failure;
    }
}
