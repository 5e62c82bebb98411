package dev.jloop.transports;

import java.net.UnknownHostException;

/// A name that could not be looked up in time. Whether it exists is not known; so another attempt
/// may make sense, other than for the exceptions that this one extends.
///
/// @since 0.1
public final class ResolverTimeoutException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    /// A lookup that was not answered.
    ///
    /// @param message what was looked up, for how long, and what to do
    public ResolverTimeoutException(String message) {
        super(message);
    }
}
