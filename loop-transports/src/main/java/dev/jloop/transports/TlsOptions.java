package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/// Settings for TLS on one side of a connection. Immutable; start from [#client(SSLContext)] or
/// [#server(SSLContext)].
///
/// Keys, certificates and trust are those of the `SSLContext`, of any provider. A client checks
/// that the certificate of the server is for its name.
///
/// The semantics are those of the TLS arguments of Python's `asyncio`.
///
/// @since 0.1
public final class TlsOptions {
    /// Which side speaks first: the client.
    enum Side {
        CLIENT,
        SERVER
    }

    /// Whether a server asks for the client's certificate.
    enum ClientAuth {
        NONE,
        WANTED,
        REQUIRED
    }

    private static final int MOST_ALPN_BYTES = 255;
    private final Side side;
    private final SSLContext context;

    // Never written once an instance has left the method that made it.
    private @Nullable String serverName;
    private List<String> alpn = List.of();
    private ClientAuth clientAuth = ClientAuth.NONE;
    private Duration handshakeTimeout = Duration.ofSeconds(60);
    private Duration shutdownTimeout = Duration.ofSeconds(30);
    private @Nullable Function<? super String, ? extends @Nullable SSLContext> contextByName;
    private Consumer<? super SSLParameters> parameters = _ -> {};

    private TlsOptions(Side side, SSLContext context) {
        this.side = side;
        this.context = Objects.requireNonNull(context, "context");
    }

    private TlsOptions copy() {
        var copy = new TlsOptions(side, context);
        copy.serverName = serverName;
        copy.alpn = alpn;
        copy.clientAuth = clientAuth;
        copy.handshakeTimeout = handshakeTimeout;
        copy.shutdownTimeout = shutdownTimeout;
        copy.contextByName = contextByName;
        copy.parameters = parameters;
        return copy;
    }

    /// {@return the settings of a client: the server has to prove its name, the handshake may take
    /// 60 s and the end 30 s}
    ///
    /// @param context says whom to trust, and holds the client's own certificate where it has one
    public static TlsOptions client(SSLContext context) {
        return new TlsOptions(Side.CLIENT, context);
    }

    /// {@return the settings of a server: clients need no certificate, the handshake may take 60 s
    /// and the end 30 s}
    ///
    /// @param context holds the server's certificate, and says which clients to trust
    public static TlsOptions server(SSLContext context) {
        return new TlsOptions(Side.SERVER, context);
    }

    /// {@return these settings with a name that the server's certificate must be for, and that the
    /// server is told} Without it that is the host given to connect to.
    ///
    /// @param name a host name or an address in literal form; the empty string switches the check
    ///   off and tells the server no name. A dot at the end is left out
    /// @throws IllegalArgumentException when it connects, if the name is a dot alone
    /// @throws IllegalStateException if these are the settings of a server
    public TlsOptions withServerName(String name) {
        requireSide(Side.CLIENT, "withServerName", "its clients name it");
        var copy = copy();
        copy.serverName = Objects.requireNonNull(name, "name");
        return copy;
    }

    /// {@return these settings with application protocols to agree on in the handshake (ALPN)} What
    /// was agreed on is [Key#ALPN_PROTOCOL].
    ///
    /// @param protocols their registered names, such as `h2`, the preferred one first; none
    ///   switches ALPN off
    /// @throws IllegalArgumentException if one is empty or longer than 255 bytes
    public TlsOptions withAlpn(String... protocols) {
        for (var protocol : protocols) {
            var bytes = protocol.getBytes(StandardCharsets.UTF_8).length;
            if (bytes == 0 || bytes > MOST_ALPN_BYTES) {
                throw new IllegalArgumentException(
                        "an ALPN protocol needs 1 to "
                                + MOST_ALPN_BYTES
                                + " bytes, but '"
                                + protocol
                                + "' has "
                                + bytes);
            }
        }
        var copy = copy();
        copy.alpn = List.of(protocols);
        return copy;
    }

    /// {@return these settings with a server that asks for the client's certificate} Whoever has
    /// sent one is in the [Key#SSL_SESSION].
    ///
    /// @param required true to refuse clients without one, false to accept them too
    /// @throws IllegalStateException if these are the settings of a client
    public TlsOptions withClientAuth(boolean required) {
        requireSide(
                Side.SERVER, "withClientAuth", "it sends a certificate when it is asked for one");
        var copy = copy();
        copy.clientAuth = required ? ClientAuth.REQUIRED : ClientAuth.WANTED;
        return copy;
    }

    /// {@return these settings with another limit for the handshake} A connection that has not
    /// finished it in time is aborted, and connecting fails with a
    /// `javax.net.ssl.SSLHandshakeException` that says so.
    ///
    /// @param timeout a positive time; 60 s by default
    /// @throws IllegalArgumentException if it is zero or negative
    public TlsOptions withHandshakeTimeout(Duration timeout) {
        var copy = copy();
        copy.handshakeTimeout = positive("handshake", timeout);
        return copy;
    }

    /// {@return these settings with another limit for the end} [Transport#close()] sends what was
    /// written, says goodbye, and waits so long for the peer's goodbye before it cuts the
    /// connection.
    ///
    /// @param timeout a positive time; 30 s by default
    /// @throws IllegalArgumentException if it is zero or negative
    public TlsOptions withShutdownTimeout(Duration timeout) {
        var copy = copy();
        copy.shutdownTimeout = positive("shutdown", timeout);
        return copy;
    }

    /// {@return these settings with a server that has several names, and a certificate for each}
    /// (SNI).
    ///
    /// @param contextByName gets the name that the client asks for, in lower case, and returns the
    ///   context to serve it with, or null for the one given to [#server(SSLContext)]; that one
    ///   serves clients that name nobody too. Runs on the loop's thread. What it throws ends the
    ///   connection, and a server reports it
    /// @throws IllegalStateException if these are the settings of a client
    public TlsOptions withContextByName(
            Function<? super String, ? extends @Nullable SSLContext> contextByName) {
        requireSide(Side.SERVER, "withContextByName", "it has one context");
        var copy = copy();
        copy.contextByName = Objects.requireNonNull(contextByName, "contextByName");
        return copy;
    }

    /// {@return these settings with a last hand on what the engine is given: protocol versions,
    /// cipher suites, named groups and whatever else there is}
    ///
    /// @param parameters gets the parameters of each connection, after all other settings were put
    ///   in, and changes them. What it throws ends the connection; connecting passes it on, and a
    ///   server reports it
    public TlsOptions withParameters(Consumer<? super SSLParameters> parameters) {
        var copy = copy();
        copy.parameters = Objects.requireNonNull(parameters, "parameters");
        return copy;
    }

    private void requireSide(Side needed, String method, String why) {
        if (side != needed) {
            throw new IllegalStateException(
                    method
                            + " is not for a "
                            + (side == Side.CLIENT ? "client: " : "server: ")
                            + why);
        }
    }

    private static Duration positive(String what, Duration timeout) {
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException(
                    "the " + what + " timeout must be positive, was " + timeout);
        }
        return timeout;
    }

    Side side() {
        return side;
    }

    SSLContext context() {
        return context;
    }

    /// {@return the name the user gave, the empty string for no check, null for the host}
    @Nullable String serverName() {
        return serverName;
    }

    List<String> alpn() {
        return alpn;
    }

    ClientAuth clientAuth() {
        return clientAuth;
    }

    Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    Duration shutdownTimeout() {
        return shutdownTimeout;
    }

    boolean choosesByName() {
        return contextByName != null;
    }

    /// {@return the context for the name a client asks for, or null if it asks for none}
    SSLContext contextFor(@Nullable String requestedName) {
        var chosen =
                requestedName == null || contextByName == null
                        ? null
                        : contextByName.apply(requestedName);
        return chosen == null ? context : chosen;
    }

    Consumer<? super SSLParameters> parameters() {
        return parameters;
    }
}
