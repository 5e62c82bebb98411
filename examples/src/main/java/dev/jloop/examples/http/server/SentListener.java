package dev.jloop.examples.http.server;

/// Told of each answer that a server has sent.
@FunctionalInterface
public interface SentListener {
    /// Takes note. Called on the loop's thread, after the last byte was handed to the transport.
    ///
    /// @param request what was asked for
    /// @param status the status of the answer
    /// @param wireBytes the bytes of the answer: head, framing and body
    void sent(Request request, int status, long wireBytes);
}
