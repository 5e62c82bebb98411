package dev.jloop.testkit;

/// Follows what happens in a [SimulatedNetwork]: see [SimulatedNetwork#observe(PacketListener)].
/// Each method does nothing unless overridden.
///
/// **Threading:** called on the loop's thread, as the thing happens. A listener may neither block
/// nor await, nor change the network.
///
/// @since 0.1
public interface PacketListener {
    /// A packet was sent.
    ///
    /// @param packet the packet
    default void sent(Packet packet) {}

    /// A packet has arrived at its host.
    ///
    /// @param packet one that was sent; a duplicated datagram arrives twice
    default void delivered(Packet packet) {}

    /// A packet waits on its way: it is told once more when it goes on, by `delivered` or
    /// `dropped`.
    ///
    /// @param packet one that was sent
    /// @param why for instance `partition`
    default void delayed(Packet packet, String why) {}

    /// A packet was lost.
    ///
    /// @param packet one that was sent
    /// @param why for instance `loss`
    default void dropped(Packet packet, String why) {}

    /// A host has crashed.
    ///
    /// @param host its name
    default void hostCrashed(String host) {}

    /// A host that had crashed runs again.
    ///
    /// @param host its name
    default void hostRestarted(String host) {}
}
