package dev.jloop.netty;

import io.netty.handler.ssl.SslCloseCompletionEvent;

/// What Netty's handler for TLS tells. Its module need not be there, so its types are not touched
/// before one of its events has come.
final class TlsEvents {
    private static final String CLOSE = "io.netty.handler.ssl.SslCloseCompletionEvent";

    private TlsEvents() {}

    /// {@return whether the peer has said goodbye} A failed event comes whenever there was none,
    /// also where this side has closed.
    static boolean isGoodbye(Object event) {
        return event.getClass().getName().equals(CLOSE)
                && ((SslCloseCompletionEvent) event).isSuccess();
    }
}
