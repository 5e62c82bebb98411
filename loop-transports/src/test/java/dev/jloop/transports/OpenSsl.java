package dev.jloop.transports;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// OpenSSL's own client and server, `s_client` and `s_server`, over one version of TLS.
final class OpenSsl {
    private static final String PROGRAM = "openssl";

    private OpenSsl() {}

    /// A server, and the port it listens on.
    record Listening(Peer peer, int port) implements AutoCloseable {
        @Override
        public void close() {
            peer.close();
        }
    }

    /// {@return a client that trusts the authority of the tests, and ends where it cannot}
    ///
    /// @param port where a server listens on the loopback interface
    /// @param version such as `TLSv1.3`
    /// @param more further options
    static Peer connect(int port, String version, String... more) throws IOException {
        var command = command("s_client", version);
        command.addAll(
                List.of(
                        "-connect",
                        "127.0.0.1:" + port,
                        "-CAfile",
                        TestCertificates.authorityPem().toString(),
                        "-verify_return_error"));
        command.addAll(List.of(more));
        return Peer.start(command.toArray(String[]::new));
    }

    /// {@return a server with the certificate of a holder, which listens}
    static Listening listen(TestCertificates.Holder holder, String version, String... more)
            throws IOException {
        var command = command("s_server", version);
        command.addAll(
                List.of(
                        "-accept",
                        "127.0.0.1:0",
                        "-CAfile",
                        TestCertificates.authorityPem().toString()));
        command.addAll(certificate(holder));
        command.addAll(List.of(more));
        var peer = Peer.start(command.toArray(String[]::new));
        var line = peer.awaitLine("ACCEPT ");
        return new Listening(peer, Integer.parseInt(line.substring(line.lastIndexOf(':') + 1)));
    }

    /// {@return the options that give a client or server a certificate of its own}
    static List<String> certificate(TestCertificates.Holder holder) {
        Path certificate = TestCertificates.certificatePem(holder);
        Path key = TestCertificates.keyPem(holder);
        return List.of("-cert", certificate.toString(), "-key", key.toString());
    }

    private static List<String> command(String role, String version) {
        // TLSv1.3 is "-tls1_3" here.
        var option = version.toLowerCase(Locale.ROOT).replace("v", "").replace('.', '_');
        return new ArrayList<>(List.of(PROGRAM, role, "-" + option));
    }
}
