package dev.jloop.examples.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class ServerCertificateTest {
    @TempDir private Path folder;

    @Test
    void whatIsMadeForARunIsGoneAfterIt() throws IOException {
        Path pem;
        try (var certificate = ServerCertificate.makeSelfSigned()) {
            pem = certificate.pem();
            assertThat(pem).content().startsWith("-----BEGIN CERTIFICATE-----");
            assertThat(certificate.context().getProtocol()).isEqualTo("TLS");
        }
        assertThat(pem.getParent()).doesNotExist();
    }

    @Test
    void aKeyStoreOfTheUserIsReadAndLeftAlone() throws IOException {
        var store = folder.resolve("server.p12");
        try (var made = ServerCertificate.makeSelfSigned()) {
            Files.copy(made.pem().resolveSibling("server.p12"), store);
        }

        try (var read = ServerCertificate.read(store, "only-for-this-run")) {
            assertThat(read.pem()).isNull();
            assertThat(read.context().getProtocol()).isEqualTo("TLS");
        }
        assertThat(store).exists();
    }

    @Test
    void aKeyStoreThatCannotBeUsedIsNamed() throws IOException {
        var missing = folder.resolve("missing.p12");
        assertThatThrownBy(() -> ServerCertificate.read(missing, "x"))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot read the key store " + missing);

        var text = Files.writeString(folder.resolve("text.p12"), "no key store");
        assertThatThrownBy(() -> ServerCertificate.read(text, "x"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot use the key store " + text + ": ");
    }
}
