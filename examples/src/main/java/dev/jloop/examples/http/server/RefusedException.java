package dev.jloop.examples.http.server;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

import java.io.IOException;

/// A request that cannot be served, because it is no HTTP/1.1, or larger than the limits. The
/// connection ends with the answer, for nobody can tell where the next request would begin.
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_REASON = 200;

    private final int status;

    /// Makes the exception.
    ///
    /// @param status the status to answer with, 400 to 599
    /// @param message what is wrong, which the client is told
    public RefusedException(int status, String message) {
        super(message);
        this.status = status;
    }

    /// {@return the reason why a message could not be decoded}
    static RefusedException of(DecoderResult failure, String what) {
        var cause = failure.cause();
        int status =
                switch (cause) {
                    case TooLongHttpLineException _ -> 414;
                    case TooLongHttpHeaderException _ -> 431;
                    default -> 400;
                };
        var reason = String.valueOf(cause.getMessage());
        return new RefusedException(
                status,
                what
                        + " is malformed: "
                        + reason.substring(0, Math.min(reason.length(), LONGEST_REASON)));
    }

    /// {@return the status to answer with}
    public int status() {
        return status;
    }
}
