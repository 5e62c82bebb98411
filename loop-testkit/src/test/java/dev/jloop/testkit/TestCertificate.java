package dev.jloop.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for the hosts `server` and `localhost`, made once per JVM with the JDK's
/// `keytool`.
public final class TestCertificate {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private TestCertificate() {}

    private static final class Made {
        static final KeyStore STORE = make();

        private static KeyStore make() {
            try {
                var directory = Files.createTempDirectory("jloop-certificate");
                directory.toFile().deleteOnExit();
                var file = directory.resolve("server.p12");
                file.toFile().deleteOnExit();
                makeKey(file);
                return KeyStore.getInstance(file.toFile(), PASSWORD);
            } catch (IOException | InterruptedException | GeneralSecurityException failure) {
                throw new IllegalStateException("no certificate for the tests", failure);
            }
        }
    }

    /// {@return a new context that serves these hosts and trusts itself} New, so that no test
    /// resumes the sessions of another.
    public static SSLContext context() {
        try {
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(Made.STORE, PASSWORD);
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("server", Made.STORE.getCertificate("server"));
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException failure) {
            throw new IllegalStateException("no context for the tests", failure);
        }
    }

    private static void makeKey(Path file) throws IOException, InterruptedException {
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        var made =
                new ProcessBuilder(
                                keytool.toString(),
                                "-genkeypair",
                                "-alias",
                                "server",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=server",
                                "-ext",
                                "san=dns:server,dns:localhost,ip:127.0.0.1",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                new String(PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        var output = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (made.waitFor() != 0) {
            throw new IOException("keytool ended with " + made.exitValue() + ": " + output);
        }
    }
}
