package dev.jloop.examples.http.server;

import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.TlsOptions;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// The limits of a server, and how it is secured. Immutable; start from [#DEFAULTS].
///
/// @param headBytes how long the first line of a request may be, and all its header fields
///   together; from 64 bytes to 1 MiB
/// @param idleTimeout how long a client may take for a whole head, for the next piece of a body,
///   and to take 256 KiB of an answer; positive
/// @param maxConnections how many may be open at a time; at least 1. Further ones wait
/// @param tls for HTTPS, or null
public record ServerOptions(
        int headBytes, Duration idleTimeout, int maxConnections, @Nullable TlsOptions tls) {
    /// 16 KiB for the head, 30 seconds, 10,000 connections, and no TLS.
    public static final ServerOptions DEFAULTS =
            new ServerOptions(16 * 1024, Duration.ofSeconds(30), 10_000, null);

    private static final int SMALLEST_HEAD = 64;
    private static final int LARGEST_HEAD = 1024 * 1024;

    /// As many clients as may connect in the same moment.
    private static final int BACKLOG = 1024;

    /// Checks the values.
    public ServerOptions {
        if (headBytes < SMALLEST_HEAD || headBytes > LARGEST_HEAD) {
            throw new IllegalArgumentException(
                    "headBytes must be from "
                            + SMALLEST_HEAD
                            + " to "
                            + LARGEST_HEAD
                            + ", was "
                            + headBytes);
        }
        if (!idleTimeout.isPositive()) {
            throw new IllegalArgumentException("idleTimeout must be positive, was " + idleTimeout);
        }
        if (maxConnections < 1) {
            throw new IllegalArgumentException(
                    "maxConnections must be at least 1, was " + maxConnections);
        }
    }

    /// {@return these options with another limit of the head}
    ///
    /// @param bytes from 64 bytes to 1 MiB
    public ServerOptions withHeadBytes(int bytes) {
        return new ServerOptions(bytes, idleTimeout, maxConnections, tls);
    }

    /// {@return these options with another idle timeout}
    ///
    /// @param timeout positive
    public ServerOptions withIdleTimeout(Duration timeout) {
        return new ServerOptions(headBytes, timeout, maxConnections, tls);
    }

    /// {@return these options with another limit of connections}
    ///
    /// @param most at least 1
    public ServerOptions withMaxConnections(int most) {
        return new ServerOptions(headBytes, idleTimeout, most, tls);
    }

    /// {@return these options for HTTPS, or for HTTP}
    ///
    /// @param options those of a server, or null
    public ServerOptions withTls(@Nullable TlsOptions options) {
        return new ServerOptions(headBytes, idleTimeout, maxConnections, options);
    }

    ListenOptions listen() {
        var listen = ListenOptions.DEFAULTS.withBacklog(BACKLOG).withMaxConnections(maxConnections);
        return tls == null ? listen : listen.withTls(tls);
    }
}
