package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.time.Duration;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/// Says what went wrong with a TLS connection, with whom, and what to do about it.
final class TlsFailures {
    private static final int MILLIS_PER_SECOND = 1000;

    private TlsFailures() {}

    /// {@return what to tell of a handshake that failed: an `SSLException` for what TLS itself
    /// refuses, another `IOException` for a connection that was lost}
    static IOException handshake(String peer, Exception cause) {
        var certificate = certificateFailure(cause);
        if (certificate != null) {
            return caused(
                    new SSLHandshakeException(
                            "the TLS handshake with "
                                    + peer
                                    + " failed, because its certificate was refused: "
                                    + text(certificate)
                                    + "; the SSLContext has to trust whoever signed it, and it has"
                                    + " to be valid, and for the name that was asked for"),
                    cause);
        }
        if (cause instanceof SSLException || !(cause instanceof IOException)) {
            return caused(
                    new SSLHandshakeException(
                            "the TLS handshake with " + peer + " failed: " + text(cause)),
                    cause);
        }
        return caused(
                new SocketException(
                        "the connection to "
                                + peer
                                + " was lost during the TLS handshake: "
                                + text(cause)),
                cause);
    }

    static SSLException handshakeTimedOut(String peer, Duration timeout) {
        return new SSLHandshakeException(
                "the TLS handshake with "
                        + peer
                        + " did not end within "
                        + text(timeout)
                        + ", so the connection was aborted");
    }

    static SSLException goodbyeTimedOut(String peer, Duration timeout) {
        return new SSLException(
                peer
                        + " did not answer the goodbye of TLS within "
                        + text(timeout)
                        + ", so the connection was cut");
    }

    static TlsTruncatedException truncated(String peer) {
        return new TlsTruncatedException(
                "the connection to "
                        + peer
                        + " ended without the goodbye of TLS, so what was received may be a part"
                        + " only");
    }

    private static String text(Duration timeout) {
        var millis = timeout.toMillis();
        return millis > 0 && millis % MILLIS_PER_SECOND == 0
                ? millis / MILLIS_PER_SECOND + " s"
                : millis + " ms";
    }

    private static String text(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private static <X extends IOException> X caused(X failure, Exception cause) {
        failure.initCause(cause);
        return failure;
    }

    /// {@return what a trust manager has thrown, at its most specific, or null}
    private static @Nullable Throwable certificateFailure(Throwable failure) {
        Throwable found = null;
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (isOfCertificates(cause)) {
                found = cause;
            }
        }
        return found;
    }

    private static boolean isOfCertificates(Throwable cause) {
        return cause instanceof GeneralSecurityException
                && isFromPackage(cause.getClass(), "java.security.cert");
    }

    /// Providers throw subclasses of their own.
    private static boolean isFromPackage(Class<?> type, String name) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            if (each.getPackageName().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
