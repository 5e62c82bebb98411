package dev.jloop.examples.http.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// The key and certificate of a server: from a file, or made for one run with the JDK's `keytool`.
///
/// Its factories read files or run a program: call them off the loop, or before it starts.
public final class ServerCertificate implements AutoCloseable {
    private static final String ALIAS = "jloop";
    private static final String PASSWORD = "only-for-this-run";
    private static final String STORE = "server.p12";
    private static final String PEM = "certificate.pem";

    private final SSLContext context;
    private final @Nullable Path folder;

    private ServerCertificate(SSLContext context, @Nullable Path folder) {
        this.context = context;
        this.folder = folder;
    }

    /// Reads a key store, in any format of the JDK.
    ///
    /// @param file a key store with one private key and its certificates
    /// @param password of the store and its key
    /// @return what is in it
    /// @throws IOException if it cannot be read; the message names the file
    public static ServerCertificate read(Path file, String password) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("cannot read the key store " + file);
        }
        return new ServerCertificate(context(file, password), null);
    }

    /// Makes a key and a certificate, signed by itself, for `localhost`, 127.0.0.1 and ::1. They
    /// are in a temporary folder until [#close()].
    ///
    /// @return the certificate
    /// @throws IOException if `keytool` fails; the message is what it said
    public static ServerCertificate makeSelfSigned() throws IOException {
        var folder = Files.createTempDirectory("jloop-certificate-");
        var made = false;
        try {
            var store = folder.resolve(STORE);
            runKeytool(store);
            writePem(store, folder.resolve(PEM));
            var certificate = new ServerCertificate(context(store, PASSWORD), folder);
            made = true;
            return certificate;
        } finally {
            if (!made) {
                delete(folder);
            }
        }
    }

    private static void runKeytool(Path store) throws IOException {
        var keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                ALIAS,
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-validity",
                                "1",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost,ip:127.0.0.1,ip:::1",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                PASSWORD,
                                "-keystore",
                                store.toString())
                        .redirectErrorStream(true)
                        .start();
        try {
            keytool.getOutputStream().close();
            var said = new String(keytool.getInputStream().readAllBytes(), US_ASCII).strip();
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool cannot make a certificate: " + said);
            }
        } catch (InterruptedException interrupt) {
            keytool.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool makes a certificate", interrupt);
        }
    }

    private static void writePem(Path store, Path pem) throws IOException {
        try {
            var certificate =
                    KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray())
                            .getCertificate(ALIAS)
                            .getEncoded();
            var lines = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII));
            Files.writeString(
                    pem,
                    "-----BEGIN CERTIFICATE-----\n"
                            + lines.encodeToString(certificate)
                            + "\n-----END CERTIFICATE-----\n");
        } catch (GeneralSecurityException failure) {
            throw new IOException("cannot write " + pem + ": " + failure.getMessage(), failure);
        }
    }

    private static SSLContext context(Path store, String password) throws IOException {
        try {
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(
                    KeyStore.getInstance(store.toFile(), password.toCharArray()),
                    password.toCharArray());
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException failure) {
            throw new IOException(
                    "cannot use the key store " + store + ": " + failure.getMessage(), failure);
        }
    }

    /// {@return a context that serves with this certificate}
    public SSLContext context() {
        return context;
    }

    /// {@return the file with the certificate in PEM, for clients to trust; null if it was read
    /// from a key store}
    public @Nullable Path pem() {
        return folder == null ? null : folder.resolve(PEM);
    }

    /// Deletes what was made.
    @Override
    public void close() throws IOException {
        if (folder != null) {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve(STORE));
        Files.deleteIfExists(folder.resolve(PEM));
        Files.deleteIfExists(folder);
    }
}
