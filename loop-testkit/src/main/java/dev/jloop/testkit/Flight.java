package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/// A packet on its way, with what it carries.
///
/// @param packet what everyone may know of it
/// @param path the way it takes
/// @param sentAt when it was sent
/// @param sequence its place among the bytes and the end of a stream, in packets; -1 for others
/// @param payload the bytes it carries
/// @param life whose host sent it
/// @param sender the end of a connection that sent it; null where a host answers by itself
record Flight(
        Packet packet,
        Path path,
        long sentAt,
        long sequence,
        ByteBuffer payload,
        HostLife life,
        @Nullable SimulatedLink sender) {
    /// {@return whether it is sent again when it is lost} A reset is not: whoever sends something
    /// to the end that is gone is told then.
    boolean isSentAgain() {
        return switch (packet.kind()) {
            case SYN -> sender != null && sender.isConnecting();
            case RST -> sender == null && !life.isDown();
            case DATAGRAM, UNREACHABLE -> false;
            default -> !life.isDown();
        };
    }

    /// {@return whether the sender waits for a sign that it has arrived} What tells how much was
    /// read stands for the sign that bytes have arrived, which the peer misses.
    boolean isMissed() {
        return switch (packet.kind()) {
            case DATA, FIN, SYN_ACK -> true;
            case WINDOW -> path.to.isUp();
            case SYN, ACK, RST, DATAGRAM, UNREACHABLE -> false;
        };
    }
}
