package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import javax.net.ssl.SSLEngine;

/// The side of a TLS server.
///
/// @param options of a server
record TlsServing(TlsOptions options) implements TlsSide {
    @Override
    public boolean needsRequestedName() {
        return options.choosesByName();
    }

    @Override
    public SSLEngine newEngine(@Nullable String requestedName) {
        var engine = options.contextFor(requestedName).createSSLEngine();
        engine.setUseClientMode(false);
        var parameters = engine.getSSLParameters();
        switch (options.clientAuth()) {
            case NONE -> {} // the context may ask for certificates by itself
            case WANTED -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        TlsTarget.setAlpn(parameters, options);
        options.parameters().accept(parameters);
        engine.setSSLParameters(parameters);
        return engine;
    }
}
