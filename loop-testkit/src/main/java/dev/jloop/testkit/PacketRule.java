package dev.jloop.testkit;

/// Decides on packets of a [SimulatedNetwork], one by one: see
/// [SimulatedNetwork#addRule(PacketRule)].
///
/// ```java
/// try (var _ = network.addRule(packet ->
///         packet.kind() == Packet.Kind.DATA && packet.toHost().equals("server")
///                 ? Verdict.drop()
///                 : Verdict.undecided())) {
///     ...
/// }
/// ```
///
/// **The chain.** A packet is shown to the rules in the order in which they were added, when it is
/// sent. The first verdict that is not [Verdict#undecided()] holds, and later rules are not asked.
/// Where no rule decides, the settings of the network do: latency, jitter, bandwidth, and for
/// datagrams loss, duplication and reordering. Partitions, [SimulatedNetwork#hold(String, String)],
/// hosts that are down, black holes and full buffers come after both: they stop what arrives,
/// whatever the verdict was when it was sent. Packets within a host are shown too; connections of
/// Unix sockets are not, since no network carries them.
///
/// **A dropped datagram** is lost, and so is the news that nobody receives at a port.
///
/// **A dropped packet of a stream** is lost as on a real network, where TCP sends it again: bytes
/// are never missing from a stream, they come late, or the connection ends.
///
/// - [Packet.Kind#SYN]: connecting asks again after 1, 2, 4 seconds and so on, each time with a new
///   packet, until the time to give up has passed; then connecting fails with `Connection timed
///   out`.
/// - [Packet.Kind#RST] of an end that resets its connection: lost for good. The peer learns of it
///   when it sends something itself.
/// - Everything else is sent again after 200 ms, and if the rules drop it then too after 400 ms
///   more, 800 ms and so on, two minutes at most. It is the same packet with the same number, and
///   the rules are asked each time. What follows in the stream arrives, and waits for it. If bytes,
///   the end of a stream or the grant of a connection do not get through within the time to give
///   up, a minute unless set, both ends fail with a `SocketException`, `Connection timed out`;
///   other kinds are then dropped for good.
///
/// **A rule that throws**, or gives null, counts as undecided, and what it threw goes to the loop's
/// exception handler, so that a test fails.
///
/// **Threading:** called on the loop's thread. A rule may neither block nor await, nor send
/// anything; it may add and remove rules, which counts from the next packet on. For replays it
/// should decide by the packets, virtual time and a seeded `Random` alone.
///
/// @since 0.1
@FunctionalInterface
public interface PacketRule {
    /// Decides on a packet.
    ///
    /// @param packet what is about to be sent, or sent again
    /// @return the verdict
    Verdict judge(Packet packet);

    /// A rule in the chain of a network. **Threading:** as the network.
    interface Handle extends AutoCloseable {
        /// Takes the rule out of the chain. What it has decided already stays so. A second call
        /// does nothing.
        @Override
        void close();
    }
}
