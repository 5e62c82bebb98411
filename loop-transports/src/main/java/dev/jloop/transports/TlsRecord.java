package dev.jloop.transports;

import java.nio.ByteBuffer;

import javax.net.ssl.SSLException;

/// The header that each TLS record begins with: looked at before the engine is, so that a peer that
/// speaks something else is found out at its first byte and waits for nothing.
final class TlsRecord {
    static final int HEADER_BYTES = 5;

    private static final int FIRST_TYPE = 20;
    private static final int LAST_TYPE = 24;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int MAJOR_VERSION = 3;

    /// 16 KiB, and what encryption and compression may add in any version.
    private static final int MOST_PAYLOAD_BYTES = 16 * 1024 + 2048;

    /// The longest record, with its header.
    static final int MOST_BYTES = HEADER_BYTES + MOST_PAYLOAD_BYTES;

    private TlsRecord() {}

    /// Looks at the record at a buffer's position, as far as it is there.
    ///
    /// @return whether all of it is there
    /// @throws SSLException if it cannot be one
    static boolean isComplete(ByteBuffer bytes) throws SSLException {
        var start = bytes.position();
        var there = bytes.remaining();
        if (there > 0) {
            var type = bytes.get(start) & 0xff;
            if (type < FIRST_TYPE || type > LAST_TYPE) {
                throw notTls("its first byte is " + hex(type));
            }
        }
        if (there > 1 && bytes.get(start + 1) != MAJOR_VERSION) {
            throw notTls("its second byte is " + hex(bytes.get(start + 1) & 0xff) + ", not 0x03");
        }
        if (there < HEADER_BYTES) {
            return false;
        }
        var length = payloadBytes(bytes, start);
        if (length > MOST_PAYLOAD_BYTES) {
            throw new SSLException(
                    "the peer announced a TLS record of "
                            + length
                            + " bytes, more than the "
                            + MOST_PAYLOAD_BYTES
                            + " allowed");
        }
        return there >= HEADER_BYTES + length;
    }

    /// {@return whether the record at a buffer's position, which is complete, is an alert that is
    /// not hidden among the data, as it is up to TLS 1.2}
    static boolean isAlert(ByteBuffer bytes) {
        return bytes.get(bytes.position()) == ALERT;
    }

    static boolean isHandshake(ByteBuffer bytes) {
        return bytes.get(bytes.position()) == HANDSHAKE;
    }

    static int payloadBytes(ByteBuffer bytes, int start) {
        return bytes.getShort(start + 3) & 0xffff;
    }

    private static SSLException notTls(String why) {
        return new SSLException(
                "the peer sent something that is not a TLS record: "
                        + why
                        + "; does it speak TLS on this port, and from the first byte on?");
    }

    private static String hex(int value) {
        return String.format("0x%02x", value);
    }
}
