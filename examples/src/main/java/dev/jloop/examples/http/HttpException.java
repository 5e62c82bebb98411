package dev.jloop.examples.http;

import java.io.IOException;

/// The peer sent something that is no acceptable HTTP message.
public abstract sealed class HttpException extends IOException
        permits MalformedMessageException, TruncatedMessageException, MessageTooLargeException {
    private static final long serialVersionUID = 1L;

    HttpException(String message) {
        super(message);
    }
}
