package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import javax.net.ssl.SSLEngine;

/// One side of a TLS connection that is to be: makes its engine.
sealed interface TlsSide permits TlsTarget, TlsServing {
    TlsOptions options();

    /// {@return whether the name that the client asks for has to be known first}
    boolean needsRequestedName();

    /// {@return a new engine} What the user's settings throw is passed on.
    ///
    /// @param requestedName what the client asked for, in lower case; null if it asked for nobody,
    ///   or that is not needed
    SSLEngine newEngine(@Nullable String requestedName);
}
