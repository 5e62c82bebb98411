package dev.jloop.transports;

import dev.jloop.core.ExceptionGroup;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// The words for a target that could not be reached.
final class ConnectFailure {
    private final String target;
    private final List<Attempt> attempts;

    /// @param target what the user asked for
    /// @param attempts in the order in which they were made, or would have been
    ConnectFailure(String target, List<Attempt> attempts) {
        this.target = target;
        this.attempts = attempts;
    }

    /// {@return an error with the single ones as cause and suppressed exceptions} All attempts have
    /// ended.
    IOException combined() {
        var failure = failure();
        failure.initCause(attempts.getFirst().failure());
        attempts.stream().skip(1).forEach(attempt -> failure.addSuppressed(attempt.failure()));
        return failure;
    }

    /// {@return an error with a group of the single ones as its cause} All attempts have ended.
    IOException group() {
        var failure = failure();
        var single =
                attempts.stream()
                        .map(attempt ->
                                new IOException(
                                        attempt.text() + ": " + attempt.reason(),
                                        attempt.failure()))
                        .toList();
        failure.initCause(new ExceptionGroup("cannot connect to " + target, single));
        return failure;
    }

    /// {@return the error for a limit of time that has passed}
    SocketTimeoutException timedOut(Duration limit, Throwable cause) {
        var failure =
                new SocketTimeoutException(
                        "cannot connect to "
                                + target
                                + " within "
                                + Seconds.text(limit)
                                + ": "
                                + progress());
        failure.initCause(cause);
        return withFailures(failure);
    }

    /// {@return how far it had got when it was cancelled}
    IOException cancelled() {
        return withFailures(
                new IOException("cancelled while connecting to " + target + ": " + progress()));
    }

    private <E extends IOException> E withFailures(E failure) {
        attempts.stream()
                .filter(Attempt::hasFailed)
                .forEach(attempt -> failure.addSuppressed(attempt.failure()));
        return failure;
    }

    private String progress() {
        return attempts.isEmpty()
                ? "its addresses were not known yet"
                : attempts.stream()
                        .map(attempt -> attempt.text() + ": " + attempt.reason())
                        .collect(Collectors.joining("; "));
    }

    private IOException failure() {
        var reasons = attempts.stream().map(Attempt::reason).distinct().toList();
        if (reasons.size() > 1) {
            return new IOException("cannot connect to " + target + ": " + progress());
        }
        var reason = reasons.getFirst();
        return sameKind(
                attempts.getFirst().failure(),
                "cannot connect to " + where() + ": " + reason + remedy(reason));
    }

    private static String remedy(String reason) {
        return reason.contains("refused") ? "; is a server listening there?" : "";
    }

    private String where() {
        var addresses = attempts.stream().map(Attempt::text).collect(Collectors.joining(", "));
        return addresses.equals(target) ? target : target + " (" + addresses + ")";
    }

    private static IOException sameKind(Throwable original, String message) {
        return switch (original) {
            case ConnectException _ -> new ConnectException(message);
            case NoRouteToHostException _ -> new NoRouteToHostException(message);
            case BindException _ -> new BindException(message);
            case SocketException _ -> new SocketException(message);
            case SocketTimeoutException _ -> new SocketTimeoutException(message);
            default -> new IOException(message);
        };
    }
}
