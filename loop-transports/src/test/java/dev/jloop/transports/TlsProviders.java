package dev.jloop.transports;

import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.logging.Level;
import java.util.logging.Logger;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Implementations of TLS. Each has managers of its own for keys and trust: they do not understand
/// those of the others in all versions of TLS.
enum TlsProviders {
    /// The JDK's own.
    JDK,
    /// Google's BoringSSL, in native code.
    CONSCRYPT,
    /// Bouncy Castle, in Java.
    BOUNCY_CASTLE;

    /// Made when one is needed first: that takes a while.
    private static final class Made {
        static final Provider CONSCRYPT =
                Conscrypt.newProviderBuilder().provideTrustManager(true).build();
        static final Provider BOUNCY_CASTLE = quietBouncyCastle();

        private static Provider quietBouncyCastle() {
            BOUNCY_CASTLE_LOG.setLevel(Level.WARNING); // it tells of each connection
            return new BouncyCastleJsseProvider(new BouncyCastleProvider());
        }
    }

    // Held, because a logger that nobody holds forgets its level.
    private static final Logger BOUNCY_CASTLE_LOG = Logger.getLogger("org.bouncycastle.jsse");

    private Provider provider() {
        return switch (this) {
            case JDK -> Security.getProvider("SunJSSE");
            case CONSCRYPT -> Made.CONSCRYPT;
            case BOUNCY_CASTLE -> Made.BOUNCY_CASTLE;
        };
    }

    /// Conscrypt has no factory for key managers.
    private static KeyManagerFactory keyManagers(Provider provider)
            throws GeneralSecurityException {
        var service = provider.getService("KeyManagerFactory", "PKIX");
        return service == null
                ? KeyManagerFactory.getInstance("PKIX")
                : KeyManagerFactory.getInstance("PKIX", provider);
    }

    /// {@return a new context with the key of a holder, or without one, that trusts the authority
    /// of the tests}
    SSLContext context(TestCertificates.@Nullable Holder holder) {
        try {
            var provider = provider();
            var trust = TrustManagerFactory.getInstance("PKIX", provider);
            trust.init(TestCertificates.trusted());
            var keys = keyManagers(provider);
            if (holder != null) {
                keys.init(TestCertificates.keys(holder), TestCertificates.password());
            }
            var context = SSLContext.getInstance("TLS", provider);
            context.init(
                    holder == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
