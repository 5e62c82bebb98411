package dev.jloop.examples.kv;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.streams.IncompleteReadException;
import dev.jloop.streams.StreamReader;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;

/// Messages as bytes: a length of four bytes, a byte for the type, then the fields in order, big
/// end first. A text is its length and its UTF-8.
final class Wire {
    /// Longer ones are refused, by whoever gets them too.
    static final int LONGEST_MESSAGE_BYTES = 4 * 1024 * 1024;

    private static final int LENGTH_BYTES = Integer.BYTES;
    private static final byte VOTE_REQUEST = 1;
    private static final byte APPEND_REQUEST = 2;
    private static final byte EXECUTE_REQUEST = 3;
    private static final byte VOTE_REPLY = 4;
    private static final byte APPEND_REPLY = 5;
    private static final byte DONE_REPLY = 6;
    private static final byte REFUSED_REPLY = 7;
    private static final byte FAILED_REPLY = 8;

    private Wire() {}

    static byte[] bytes(Request request) throws IOException {
        var buffer = new ByteArrayOutputStream();
        var out = new DataOutputStream(buffer);
        switch (request) {
            case Request.Vote(var term, var candidate, var lastIndex, var lastTerm) -> {
                out.writeByte(VOTE_REQUEST);
                out.writeLong(term);
                writeText(out, candidate);
                out.writeLong(lastIndex);
                out.writeLong(lastTerm);
            }
            case Request.Append append -> {
                out.writeByte(APPEND_REQUEST);
                out.writeLong(append.term());
                writeText(out, append.leader());
                out.writeLong(append.previousIndex());
                out.writeLong(append.previousTerm());
                out.writeLong(append.commitIndex());
                out.writeInt(append.entries().size());
                for (var entry : append.entries()) {
                    out.writeLong(entry.term());
                    writeCommand(out, entry.command());
                }
            }
            case Request.Execute(var command) -> {
                out.writeByte(EXECUTE_REQUEST);
                writeCommand(out, command);
            }
        }
        return framed(buffer.toByteArray());
    }

    static byte[] bytes(Reply reply) throws IOException {
        var buffer = new ByteArrayOutputStream();
        var out = new DataOutputStream(buffer);
        switch (reply) {
            case Reply.Vote(var term, var granted) -> {
                out.writeByte(VOTE_REPLY);
                out.writeLong(term);
                out.writeBoolean(granted);
            }
            case Reply.Append(var term, var matches, var index) -> {
                out.writeByte(APPEND_REPLY);
                out.writeLong(term);
                out.writeBoolean(matches);
                out.writeLong(index);
            }
            case Reply.Done(var found, var value) -> {
                out.writeByte(DONE_REPLY);
                out.writeBoolean(found);
                writeText(out, value);
            }
            case Reply.Failed(var reason) -> {
                out.writeByte(FAILED_REPLY);
                writeText(out, reason);
            }
            case Reply.Refused(var leader) -> {
                out.writeByte(REFUSED_REPLY);
                writeText(out, leader);
            }
        }
        return framed(buffer.toByteArray());
    }

    /// Reads the next request. Suspends.
    ///
    /// @return the request, or null where the peer has ended the connection
    /// @throws IOException if the connection breaks, or what comes is no request
    static @Nullable Request readRequest(StreamReader reader) throws IOException {
        byte[] length;
        try {
            length = reader.readExactly(LENGTH_BYTES);
        } catch (IncompleteReadException end) {
            if (end.partial().length == 0) {
                return null;
            }
            throw end;
        }
        var in = content(length, reader);
        try {
            var type = in.readByte();
            var request =
                    switch (type) {
                        case VOTE_REQUEST ->
                                new Request.Vote(
                                        in.readLong(), readText(in), in.readLong(), in.readLong());
                        case APPEND_REQUEST -> readAppend(in);
                        case EXECUTE_REQUEST -> new Request.Execute(readCommand(in));
                        default -> throw new IOException("no request has type " + type);
                    };
            return requireEnd(in, request);
        } catch (EOFException tooShort) {
            throw new IOException("a request ends within a field", tooShort);
        }
    }

    /// Reads the next reply. Suspends.
    ///
    /// @throws IOException if the connection ends or breaks, or what comes is no reply
    static Reply readReply(StreamReader reader) throws IOException {
        var in = content(reader.readExactly(LENGTH_BYTES), reader);
        try {
            var type = in.readByte();
            var reply =
                    switch (type) {
                        case VOTE_REPLY -> new Reply.Vote(in.readLong(), in.readBoolean());
                        case APPEND_REPLY ->
                                new Reply.Append(in.readLong(), in.readBoolean(), in.readLong());
                        case DONE_REPLY -> new Reply.Done(in.readBoolean(), readText(in));
                        case FAILED_REPLY -> new Reply.Failed(readText(in));
                        case REFUSED_REPLY -> new Reply.Refused(readText(in));
                        default -> throw new IOException("no reply has type " + type);
                    };
            return requireEnd(in, reply);
        } catch (EOFException tooShort) {
            throw new IOException("a reply ends within a field", tooShort);
        }
    }

    private static byte[] framed(byte[] content) throws IOException {
        requireLength(content.length);
        return ByteBuffer.allocate(LENGTH_BYTES + content.length)
                .putInt(content.length)
                .put(content)
                .array();
    }

    private static DataInputStream content(byte[] length, StreamReader reader) throws IOException {
        var count = ByteBuffer.wrap(length).getInt();
        requireLength(count);
        return new DataInputStream(new ByteArrayInputStream(reader.readExactly(count)));
    }

    private static void requireLength(int count) throws IOException {
        if (count < 1 || count > LONGEST_MESSAGE_BYTES) {
            throw new IOException(
                    "a message has from 1 to "
                            + LONGEST_MESSAGE_BYTES
                            + " bytes, and this one "
                            + count);
        }
    }

    private static <T> T requireEnd(DataInputStream in, T message) throws IOException {
        if (in.available() > 0) {
            throw new IOException(in.available() + " bytes too many after " + message);
        }
        return message;
    }

    private static Request.Append readAppend(DataInputStream in) throws IOException {
        var term = in.readLong();
        var leader = readText(in);
        var previousIndex = in.readLong();
        var previousTerm = in.readLong();
        var commitIndex = in.readLong();
        var count = in.readInt();
        var entries = new ArrayList<LogEntry>();
        // Not sized by the count, which a broken peer may have made up.
        for (var i = 0; i < count; i++) {
            entries.add(new LogEntry(in.readLong(), readCommand(in)));
        }
        return new Request.Append(term, leader, previousIndex, previousTerm, entries, commitIndex);
    }

    private static void writeCommand(DataOutputStream out, Command command) throws IOException {
        writeText(out, command.client());
        out.writeLong(command.sequence());
        out.writeByte(command.kind().code);
        writeText(out, command.key());
        writeText(out, command.value());
    }

    private static Command readCommand(DataInputStream in) throws IOException {
        var client = readText(in);
        var sequence = in.readLong();
        var kind = readKind(in);
        var key = readText(in);
        var value = readText(in);
        try {
            return new Command(client, sequence, kind, key, value);
        } catch (IllegalArgumentException tooLong) {
            throw new IOException("a command is too long", tooLong);
        }
    }

    private static Command.Kind readKind(DataInputStream in) throws IOException {
        var code = in.readByte();
        for (var kind : Command.Kind.values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IOException("no command has kind " + code);
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        var bytes = text.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        var count = in.readInt();
        if (count < 0 || count > in.available()) {
            throw new IOException(
                    "a text of " + count + " bytes where " + in.available() + " are left");
        }
        return new String(in.readNBytes(count), UTF_8);
    }
}
