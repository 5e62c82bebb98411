package dev.jloop.examples.http.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;

/// What a handler answers: a status, header fields and a body. Server and codec add the framing,
/// and whether the connection goes on.
public final class Answer implements AutoCloseable {
    /// Gives a body piece by piece.
    @FunctionalInterface
    public interface Pieces {
        /// Gives the next piece. May suspend.
        ///
        /// @return the piece, which belongs to the caller; null at the end
        /// @throws IOException to cut the answer off, and the connection with it
        @Nullable ByteBuf next() throws IOException;
    }

    /// The kinds of bodies.
    sealed interface Body {}

    /// A body in memory.
    @SuppressWarnings("ArrayRecordComponent") // answers are not compared
    record Bytes(byte[] bytes, boolean chunked) implements Body {}

    /// A part of a file.
    record FilePart(FileChannel file, long offset, long count) implements Body {}

    /// A body whose length nobody knows.
    record Stream(Pieces pieces) implements Body {}

    private final int status;
    private final HttpHeaders headers = new DefaultHttpHeaders();
    private final Body body;
    private boolean last;

    private Answer(int status, Body body) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status must be from 200 to 599, was " + status);
        }
        this.status = status;
        this.body = body;
    }

    /// {@return an answer with a body in memory}
    ///
    /// @param status the status code, 200 to 599
    /// @param contentType what the body is
    /// @param body not copied
    public static Answer of(int status, String contentType, byte[] body) {
        return new Answer(status, new Bytes(body, false)).withHeader("Content-Type", contentType);
    }

    /// {@return an answer with a body in memory that goes out in chunks, to a client that knows
    /// them}
    ///
    /// @param status the status code, 200 to 599
    /// @param contentType what the body is
    /// @param body not copied
    public static Answer chunked(int status, String contentType, byte[] body) {
        return new Answer(status, new Bytes(body, true)).withHeader("Content-Type", contentType);
    }

    /// {@return an answer that holds one line of text}
    ///
    /// @param status the status code, 200 to 599
    /// @param line the text
    public static Answer text(int status, String line) {
        return of(status, "text/plain; charset=utf-8", (line + "\n").getBytes(UTF_8));
    }

    /// {@return an answer without a body}
    ///
    /// @param status the status code, 200 to 599
    public static Answer empty(int status) {
        return new Answer(status, new Bytes(new byte[0], false));
    }

    /// {@return an answer with a part of a file}
    ///
    /// @param status the status code, 200 to 599
    /// @param file closed with the answer
    /// @param offset where to start, in bytes
    /// @param count how many bytes, all of which must exist
    public static Answer file(int status, FileChannel file, long offset, long count) {
        return new Answer(status, new FilePart(file, offset, count));
    }

    /// {@return an answer whose body comes piece by piece}
    ///
    /// @param status the status code, 200 to 599
    /// @param contentType what the body is
    /// @param pieces asked for the next piece when the one before is on its way
    public static Answer stream(int status, String contentType, Pieces pieces) {
        return new Answer(status, new Stream(pieces)).withHeader("Content-Type", contentType);
    }

    /// Adds a header field.
    ///
    /// @param name a token as RFC 9110 defines it
    /// @param value without line breaks or NUL
    /// @return this answer
    /// @throws IllegalArgumentException if either would not survive the wire
    public Answer withHeader(String name, String value) {
        headers.add(name, value);
        return this;
    }

    /// Makes this the last answer on its connection.
    ///
    /// @return this answer
    Answer asLast() {
        last = true;
        return this;
    }

    boolean isLast() {
        return last;
    }

    /// {@return the status code}
    public int status() {
        return status;
    }

    HttpHeaders headers() {
        return headers;
    }

    Body body() {
        return body;
    }

    /// Closes the file, if it has one.
    @Override
    public void close() throws IOException {
        if (body instanceof FilePart part) {
            part.file().close();
        }
    }
}
