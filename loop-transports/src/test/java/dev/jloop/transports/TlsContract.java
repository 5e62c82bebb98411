package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/// What is special about a connection that is secured with TLS, on any network. That it does what
/// every connection does is tested in the testkit, where `TransportContract` is.
abstract class TlsContract extends ConnectionPairs {
    private final TlsOptions serving = TlsOptions.server(TestCertificates.server());
    private final TlsOptions connecting =
            TlsOptions.client(TestCertificates.client()).withServerName("localhost");

    /// {@return the one version of TLS to speak}
    abstract String version();

    private TlsOptions only(TlsOptions options) {
        return options.withParameters(
                parameters -> parameters.setProtocols(new String[] {version()}));
    }

    @Override
    ConnectOptions connectOptions() {
        return ConnectOptions.DEFAULTS.withTls(only(connecting));
    }

    @Override
    ListenOptions listenOptions() {
        return ListenOptions.DEFAULTS.withTls(only(serving));
    }

    @Override
    boolean halfCloses() {
        return false;
    }

    @Test
    void theSessionIsToldOnBothSides() {
        withPair((_, pair) -> {
            assertThat(pair.client().transport.extra(Key.SSL_SESSION).getProtocol())
                    .isEqualTo(version());
            assertThat(pair.server().transport.extra(Key.SSL_SESSION).getProtocol())
                    .isEqualTo(version());
            assertThat(pair.client().transport.extra(Key.ALPN_PROTOCOL)).isNull();
        });
    }

    @Test
    void theOutputCannotEndAlone() {
        withPair((_, pair) -> {
            assertThat(pair.client().transport.canWriteEof()).isFalse();
            assertThatThrownBy(() -> pair.client().transport.writeEof())
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("close() ends both directions");
            assertThat(pair.client().transport.isClosing()).isFalse();
        });
    }

    @Test
    void anAbortIsToldFromARegularEnd() {
        withPair((_, pair) -> {
            pair.client().transport.write(bytes("some"));
            pair.server().awaitText("some");
            pair.client().transport.abort();
            pair.server().awaitLost();
            assertThat(pair.server().events).containsExactly("made", "data", "broken");
            assertThat(pair.server().lossCause).isInstanceOf(TlsTruncatedException.class);
        });
    }

    @Test
    void aProtocolThatKeepsOpenAfterTheEndOfTheStreamIsClosedAllTheSame() {
        var server = new RecordingProtocol();
        server.keepOpen = true;
        withPair(
                new RecordingProtocol(),
                server,
                (_, pair) -> {
                    pair.client().transport.close();
                    pair.server().awaitLost();
                    pair.client().awaitLost();
                    assertThat(pair.server().events).containsExactly("made", "eof", "lost");
                    assertThat(pair.client().events).containsExactly("made", "lost");
                });
    }
}
