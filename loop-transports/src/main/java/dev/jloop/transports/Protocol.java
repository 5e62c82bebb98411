package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

/// Takes the events of a connection. Implement [StreamingProtocol] or [BufferedProtocol], and for
/// datagrams [DatagramProtocol].
///
/// A connection calls, in this order: `connectionMade` once; data any number of times;
/// `eofReceived` at most once; [#connectionLost(Throwable)] once. [#pauseWriting()] and
/// [#resumeWriting()] come in turns, anywhere between the first and the last.
///
/// **Threading:** all methods run on the loop's thread, as callbacks: they cannot await. They run
/// in a copy of the context in which the connection or the server was created.
///
/// The semantics are those of Python's `asyncio.BaseProtocol`.
///
/// @since 0.1
public interface Protocol {
    /// Tells that the connection is over. Nothing else is called afterwards.
    ///
    /// What it throws is reported to the loop's exception handler.
    ///
    /// @param cause why the connection broke, for instance a [TlsTruncatedException]; null if this
    ///   side closed or aborted it, or the peer ended it in the regular way
    default void connectionLost(@Nullable Throwable cause) {}

    /// Tells that more bytes wait to be sent than the high-water mark allows. Runs inside the call
    /// that wrote them. What it throws is reported, and the connection goes on.
    default void pauseWriting() {}

    /// Tells that the bytes waiting to be sent have shrunk to the low-water mark. It may write.
    /// What it throws is reported, and the connection goes on.
    default void resumeWriting() {}
}
