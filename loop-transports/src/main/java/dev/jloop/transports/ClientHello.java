package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

import javax.net.ssl.SSLException;

/// What a client asks for in its first message (RFC 8446, section 4.1.2, and RFC 6066, section 3).
///
/// @param isComplete whether the whole message is there; also true for what is no such message, so
///   that the engine is asked, and refuses it with the right alert
/// @param serverName the host it wants to reach, in lower case, or null if it names none
record ClientHello(boolean isComplete, @Nullable String serverName) {
    private static final ClientHello INCOMPLETE = new ClientHello(false, null);
    private static final ClientHello NAMES_NOBODY = new ClientHello(true, null);
    private static final int CLIENT_HELLO = 1;

    /// What the JDK takes by default.
    private static final int MOST_MESSAGE_BYTES = 32 * 1024;

    private static final int MESSAGE_HEADER_BYTES = 4;
    private static final int VERSION_AND_RANDOM_BYTES = 2 + 32;
    private static final int SERVER_NAME_EXTENSION = 0;
    private static final int HOST_NAME = 0;

    /// @param records what has come so far
    /// @throws SSLException if they are no TLS records
    static ClientHello in(ByteBuffer records) throws SSLException {
        var message = ByteBuffer.allocate(records.remaining());
        while (TlsRecord.isComplete(records)) {
            if (!TlsRecord.isHandshake(records)) {
                return NAMES_NOBODY;
            }
            var start = records.position() + TlsRecord.HEADER_BYTES;
            var count = TlsRecord.payloadBytes(records, records.position());
            message.put(records.slice(start, count));
            records.position(start + count);
        }
        return parse(message.flip());
    }

    private static ClientHello parse(ByteBuffer message) {
        if (message.hasRemaining() && message.get(0) != CLIENT_HELLO) {
            return NAMES_NOBODY;
        }
        if (message.remaining() < MESSAGE_HEADER_BYTES) {
            return INCOMPLETE;
        }
        var length = message.getInt() & 0xff_ffff;
        if (length > MOST_MESSAGE_BYTES) {
            return NAMES_NOBODY; // nobody waits for so much: the engine refuses it
        }
        if (message.remaining() < length) {
            return INCOMPLETE;
        }
        try {
            return new ClientHello(true, serverNameIn(message.limit(message.position() + length)));
        } catch (RuntimeException _) {
            return NAMES_NOBODY; // too short somewhere; the engine says what is wrong
        }
    }

    private static @Nullable String serverNameIn(ByteBuffer hello) {
        skip(hello, VERSION_AND_RANDOM_BYTES);
        skip(hello, hello.get() & 0xff); // session
        skip(hello, hello.getShort() & 0xffff); // cipher suites
        skip(hello, hello.get() & 0xff); // compression methods
        if (!hello.hasRemaining()) {
            return null;
        }
        var extensions = part(hello, hello.getShort() & 0xffff);
        while (extensions.hasRemaining()) {
            var type = extensions.getShort() & 0xffff;
            var content = part(extensions, extensions.getShort() & 0xffff);
            if (type == SERVER_NAME_EXTENSION) {
                return hostNameIn(part(content, content.getShort() & 0xffff));
            }
        }
        return null;
    }

    private static @Nullable String hostNameIn(ByteBuffer names) {
        while (names.hasRemaining()) {
            var type = names.get();
            var name = part(names, names.getShort() & 0xffff);
            if (type == HOST_NAME) {
                return StandardCharsets.US_ASCII.decode(name).toString().toLowerCase(Locale.ROOT);
            }
        }
        return null;
    }

    private static void skip(ByteBuffer bytes, int count) {
        bytes.position(bytes.position() + count);
    }

    /// {@return the next bytes alone} Passes them.
    private static ByteBuffer part(ByteBuffer bytes, int count) {
        var part = bytes.slice(bytes.position(), count);
        skip(bytes, count);
        return part;
    }
}
