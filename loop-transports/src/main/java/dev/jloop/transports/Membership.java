package dev.jloop.transports;

/// An endpoint's membership in a multicast group: see [DatagramTransport#joinGroup].
///
/// **Threading:** loop thread only.
///
/// @since 0.1
public interface Membership extends AutoCloseable {
    /// {@return whether the endpoint is still in the group: false after [#close()], and after the
    /// end of the endpoint}
    boolean isValid();

    /// Leaves the group. A second call does nothing, nor does one after the end of the endpoint.
    @Override
    void close();
}
