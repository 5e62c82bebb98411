package dev.jloop.examples.crawl;

import dev.jloop.examples.http.MalformedMessageException;
import dev.jloop.examples.http.MessageTooLargeException;
import dev.jloop.examples.http.TruncatedMessageException;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Locale;

/// Says in one line for the user why a page did not come.
final class Failures {
    private Failures() {}

    static String describe(IOException failure) {
        return switch (failure) {
            case UnknownHostException _ -> "unknown host";
            case ConnectException refused when messageOf(refused).contains("refused") ->
                    "connection refused";
            case SocketException reset when messageOf(reset).contains("reset") ->
                    "connection reset by the server";
            case MalformedMessageException malformed ->
                    "malformed answer: " + malformed.getMessage();
            case TruncatedMessageException cut -> "answer cut short: " + cut.getMessage();
            case MessageTooLargeException large -> "answer too large: " + large.getMessage();
            case PageRefusedException refused -> String.valueOf(refused.getMessage());
            default ->
                    failure.getMessage() == null
                            ? failure.getClass().getSimpleName()
                            : failure.getMessage();
        };
    }

    private static String messageOf(IOException failure) {
        return failure.getMessage() == null ? "" : failure.getMessage().toLowerCase(Locale.ROOT);
    }
}
