package dev.jloop.testkit.contract;

import dev.jloop.testkit.TestCertificate;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.TlsOptions;

/// Both sides of TLS in one version. To be made outside of the loop, which it would block.
final class Tls {
    private final String version;
    private final TlsOptions connecting =
            TlsOptions.client(TestCertificate.context()).withServerName("localhost");
    private final TlsOptions listening = TlsOptions.server(TestCertificate.context());

    Tls(String version) {
        this.version = version;
    }

    ConnectOptions connecting() {
        return ConnectOptions.DEFAULTS.withTls(only(connecting));
    }

    ListenOptions listening() {
        return ListenOptions.DEFAULTS.withTls(only(listening));
    }

    private TlsOptions only(TlsOptions options) {
        return options.withParameters(
                parameters -> parameters.setProtocols(new String[] {version}));
    }
}
