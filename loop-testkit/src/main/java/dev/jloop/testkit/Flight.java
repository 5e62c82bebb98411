package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/// A packet on its way, with what it carries.
///
/// @param packet what everyone may know of it
/// @param path the way it takes
/// @param sentAt when it was sent; when a hold let it go if there was one
/// @param connection the number of the connection that it is part of; 0 for none
/// @param sequence its place among the bytes and the end of a stream, in packets; -1 for others
/// @param payload the bytes it carries
/// @param life whose host sent it
/// @param sender the end of a connection that sent it; null where a host answers by itself
record Flight(
        Packet packet,
        Path path,
        long sentAt,
        long connection,
        long sequence,
        ByteBuffer payload,
        HostLife life,
        @Nullable SimulatedLink sender) {
    private static final long NONE = -1;

    /// {@return the same, as if it were sent now}
    Flight sentAgainAt(long nanos) {
        return new Flight(packet, path, nanos, connection, sequence, payload, life, sender);
    }

    /// {@return whether it takes its turn among the bytes of a stream} A reset does that closes a
    /// connection with bytes unread: it comes after the end.
    boolean isInOrder() {
        return sequence != NONE;
    }

    /// {@return whether it is sent again when it is lost} A reset that does not wait for its turn
    /// is not: whoever sends something to the end that is gone is told then.
    boolean isSentAgain() {
        return switch (packet.kind()) {
            case SYN -> sender != null && sender.isConnecting();
            case RST -> (sender == null || isInOrder()) && isStillMeant();
            case DATAGRAM, UNREACHABLE -> false;
            default -> isStillMeant();
        };
    }

    private boolean isStillMeant() {
        return !life.isDown() && (sender == null || !sender.isGivenUp());
    }

    /// {@return whether the sender waits for a sign that it has arrived} What tells how much was
    /// read stands for the sign that bytes have arrived, which the peer misses.
    boolean isMissed() {
        return switch (packet.kind()) {
            case DATA, FIN, SYN_ACK -> true;
            case WINDOW -> path.to.isUp();
            case RST -> isInOrder();
            case SYN, ACK, DATAGRAM, UNREACHABLE -> false;
        };
    }
}
