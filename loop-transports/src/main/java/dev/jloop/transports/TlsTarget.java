package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// Whom a TLS client wants to reach: the name that the certificate has to be for, and the settings.
///
/// @param name a host name or an address in literal form; empty for no check
/// @param port for the cache of sessions
/// @param options of a client
record TlsTarget(String name, int port, TlsOptions options) implements TlsSide {
    private static final int NO_PORT = -1;

    /// @param host what the user asked to connect to, or null where that is no host
    /// @throws IllegalArgumentException if there is neither a host nor a server name
    static TlsTarget of(TlsOptions options, @Nullable String host, int port) {
        var given = options.serverName();
        if (given != null && given.isEmpty()) {
            return new TlsTarget("", port, options);
        }
        var name = given == null ? host : given;
        if (name == null || withoutDot(name).isEmpty()) {
            throw new IllegalArgumentException(
                    "TLS needs the name that the server's certificate has to be for, and "
                            + (name == null ? "no host name was given" : "'" + name + "' is none")
                            + ": add withServerName(name) to the TlsOptions, or"
                            + " withServerName(\"\") to check no name");
        }
        return new TlsTarget(withoutDot(name), port, options);
    }

    /// The host of an internet address is the name it was made with, or else the literal address;
    /// no name is looked up.
    static TlsTarget of(TlsOptions options, SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? of(options, inet.getHostString(), inet.getPort())
                : of(options, null, NO_PORT);
    }

    /// @param host what the user asked to connect to, or null where that is no host
    /// @param address where the connection leads to, or null where that is not known
    static TlsTarget of(
            TlsOptions options, @Nullable String host, @Nullable SocketAddress address) {
        return of(
                options,
                host,
                address instanceof InetSocketAddress inet ? inet.getPort() : NO_PORT);
    }

    /// A fully qualified name may end with a dot, in certificates and on the wire none does.
    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    @Override
    public boolean needsRequestedName() {
        return false;
    }

    /// {@return an engine that checks the server's name and tells it to the server, and whose
    /// sessions are resumed where name and port are the same}
    @Override
    public SSLEngine newEngine(@Nullable String requestedName) {
        // Without a check no session is kept, so that none is resumed where there is a check.
        var engine =
                name.isEmpty()
                        ? options.context().createSSLEngine()
                        : options.context().createSSLEngine(withoutScope(name), port);
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm(name.isEmpty() ? "" : "HTTPS");
        parameters.setServerNames(serverNames());
        setAlpn(parameters, options);
        options.parameters().accept(parameters);
        engine.setSSLParameters(parameters);
        return engine;
    }

    static void setAlpn(SSLParameters parameters, TlsOptions options) {
        if (!options.alpn().isEmpty()) {
            parameters.setApplicationProtocols(options.alpn().toArray(String[]::new));
        }
    }

    private List<SNIServerName> serverNames() {
        if (name.isEmpty() || isLiteral(name)) {
            return List.of();
        }
        try {
            return List.of(new SNIHostName(name));
        } catch (IllegalArgumentException _) {
            return List.of(); // such as a name with an underscore, which cannot be told
        }
    }

    private static boolean isLiteral(String name) {
        try {
            InetAddress.ofLiteral(name);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static String withoutScope(String name) {
        var scope = name.indexOf('%');
        return scope < 0 ? name : name.substring(0, scope);
    }
}
