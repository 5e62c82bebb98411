package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/// Certificates for tests, made once per JVM with the JDK's `keytool`: an authority, and three
/// holders whose certificates it signed.
///
/// Contexts are made anew by every call, so that no test resumes the sessions of another.
final class TestCertificates {
    /// Whoever has a key and a certificate.
    enum Holder {
        /// A server at `localhost`, `example.test`, `127.0.0.1` and `::1`.
        SERVER,
        /// A server at `other.test`.
        OTHER_SERVER,
        /// A client, without any host name.
        CLIENT;

        String alias() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final String AUTHORITY = "authority";
    private static final String STORE_NAME = "certificates.p12";
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final String LINE_END = "\n";

    private final Path directory;
    private final KeyStore store;

    private TestCertificates(Path directory) throws IOException, GeneralSecurityException {
        this.directory = directory;
        makeCertificates();
        store = KeyStore.getInstance(directory.resolve(STORE_NAME).toFile(), PASSWORD);
        writePem(AUTHORITY);
        for (var holder : Holder.values()) {
            writePem(holder.alias());
            writePemKey(holder.alias());
        }
    }

    /// Made when they are needed first; what goes wrong shows in the test that asked for them.
    private static final class Made {
        static final TestCertificates CERTIFICATES = make();

        private static TestCertificates make() {
            try {
                var directory = Files.createTempDirectory("jloop-certificates");
                directory.toFile().deleteOnExit();
                return new TestCertificates(directory);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } catch (GeneralSecurityException failure) {
                throw new IllegalStateException(failure);
            }
        }
    }

    /// {@return a context that serves `localhost` and `example.test`, and trusts clients of the
    /// authority}
    static SSLContext server() {
        return context(Holder.SERVER, true);
    }

    /// {@return a context that serves `other.test`}
    static SSLContext otherServer() {
        return context(Holder.OTHER_SERVER, true);
    }

    /// {@return a context that trusts the authority and has no certificate of its own}
    static SSLContext client() {
        return context(null, true);
    }

    /// {@return a context that trusts the authority and has a client's certificate}
    static SSLContext clientWithKey() {
        return context(Holder.CLIENT, true);
    }

    /// {@return a context that trusts nobody whom a test could know}
    static SSLContext distrustingClient() {
        return context(null, false);
    }

    /// {@return a new context of the JDK's default provider}
    ///
    /// @param holder whose key and certificate it has, or null for none
    /// @param trusting true to trust the authority of these certificates; false for the JDK's own
    ///   trust, to which that authority is a stranger
    static SSLContext context(@Nullable Holder holder, boolean trusting) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(
                    holder == null ? null : keyManagers(holder),
                    trusting ? trustManagers() : null,
                    null);
            return context;
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /// {@return key managers with the one key of a holder, for a context of the JDK's provider}
    static KeyManager[] keyManagers(Holder holder) {
        try {
            var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys(holder), PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /// {@return trust managers that trust the authority alone, for a context of the JDK's provider}
    static TrustManager[] trustManagers() {
        try {
            var factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted());
            return factory.getTrustManagers();
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /// {@return a key store with the one key of a holder, under [#password()]}
    static KeyStore keys(Holder holder) {
        try {
            var keys = emptyStore();
            var all = Made.CERTIFICATES.store;
            keys.setKeyEntry(
                    holder.alias(),
                    all.getKey(holder.alias(), PASSWORD),
                    PASSWORD,
                    all.getCertificateChain(holder.alias()));
            return keys;
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /// {@return a key store with the certificate of the authority alone}
    static KeyStore trusted() {
        try {
            var trusted = emptyStore();
            trusted.setCertificateEntry(
                    AUTHORITY, Made.CERTIFICATES.store.getCertificate(AUTHORITY));
            return trusted;
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    static char[] password() {
        return PASSWORD.clone();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// {@return the file with the authority's certificate, in PEM}
    static Path authorityPem() {
        return Made.CERTIFICATES.certificateFile(AUTHORITY);
    }

    /// {@return the file with a holder's certificate and then the authority's, in PEM}
    static Path certificatePem(Holder holder) {
        return Made.CERTIFICATES.certificateFile(holder.alias());
    }

    /// {@return the file with a holder's private key, unencrypted, in PEM (PKCS 8)}
    static Path keyPem(Holder holder) {
        return Made.CERTIFICATES.keyFile(holder.alias());
    }

    private void makeCertificates() throws IOException {
        makeKey(
                AUTHORITY,
                "-ext",
                "bc:critical=ca:true",
                "-ext",
                "ku:critical=keyCertSign,cRLSign");
        makeSigned(Holder.SERVER, "san=dns:localhost,dns:example.test,ip:127.0.0.1,ip:::1");
        makeSigned(Holder.OTHER_SERVER, "san=dns:other.test");
        makeSigned(Holder.CLIENT, "eku=clientAuth");
    }

    private void makeSigned(Holder holder, String extension) throws IOException {
        makeKey(holder.alias(), "-signer", AUTHORITY, "-ext", extension);
    }

    private void makeKey(String alias, String... more) throws IOException {
        var store = directory.resolve(STORE_NAME);
        store.toFile().deleteOnExit();
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-validity",
                                "30",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                new String(PASSWORD),
                                "-alias",
                                alias,
                                "-dname",
                                "CN=jloop test " + alias));
        command.addAll(List.of(more));
        var keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        keytool.getOutputStream().close();
        var said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            var code = keytool.waitFor();
            if (code != 0) {
                throw new IOException("keytool for " + alias + " ended with " + code + ": " + said);
            }
        } catch (InterruptedException interrupt) {
            keytool.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool made " + alias, interrupt);
        }
    }

    private void writePem(String alias) throws IOException, GeneralSecurityException {
        var text = new StringBuilder();
        for (var certificate : store.getCertificateChain(alias)) {
            text.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        write(certificateFile(alias), text.toString());
    }

    private void writePemKey(String alias) throws IOException, GeneralSecurityException {
        write(keyFile(alias), pem("PRIVATE KEY", store.getKey(alias, PASSWORD).getEncoded()));
    }

    private Path certificateFile(String alias) {
        return directory.resolve(alias + ".pem");
    }

    private Path keyFile(String alias) {
        return directory.resolve(alias + ".key");
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        file.toFile().deleteOnExit();
    }

    private static String pem(String kind, byte[] content) {
        var lines = Base64.getMimeEncoder(64, LINE_END.getBytes(StandardCharsets.US_ASCII));
        return "-----BEGIN "
                + kind
                + "-----"
                + LINE_END
                + lines.encodeToString(content)
                + LINE_END
                + "-----END "
                + kind
                + "-----"
                + LINE_END;
    }
}
