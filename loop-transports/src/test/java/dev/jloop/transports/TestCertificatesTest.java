package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

class TestCertificatesTest {
    @Test
    void everyHolderHasAKeyAndACertificateSignedByTheAuthority() throws Exception {
        var authority = certificate(TestCertificates.authorityPem());
        for (var holder : TestCertificates.Holder.values()) {
            var certificate = certificate(TestCertificates.certificatePem(holder));
            certificate.verify(authority.getPublicKey());
            assertThat(Files.readString(TestCertificates.keyPem(holder)))
                    .startsWith("-----BEGIN PRIVATE KEY-----\n");
            assertThat(TestCertificates.context(holder, true)).isNotNull();
        }
    }

    private static X509Certificate certificate(java.nio.file.Path file)
            throws IOException, CertificateException {
        try (var in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
