package dev.jloop.transports;

import dev.jloop.core.ExceptionGroup;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Tries the addresses of one target in turn, and says what went wrong when none can be reached.
final class Connector {
    private final Network network;
    private final String target;
    private final ConnectOptions options;
    private final List<Attempt> failed = new ArrayList<>();

    /// @param target what the user asked for, for messages
    Connector(Network network, String target, ConnectOptions options) {
        this.network = network;
        this.target = target;
        this.options = options;
    }

    /// Suspends.
    ///
    /// @param addresses at least one
    Network.Link connect(List<? extends SocketAddress> addresses) throws IOException {
        for (var address : addresses) {
            try {
                return network.connect(address, options.localAddress());
            } catch (IOException failure) {
                failed.add(new Attempt(address, failure));
            }
        }
        throw options.allErrors() ? group() : combined();
    }

    /// One address that could not be reached.
    private record Attempt(SocketAddress address, IOException failure) {
        String reason() {
            return failure.getMessage() == null ? failure.toString() : failure.getMessage();
        }

        String text() {
            return Addresses.text(address);
        }
    }

    private IOException combined() {
        var failure = failure();
        failure.initCause(failed.getFirst().failure());
        failed.stream().skip(1).forEach(attempt -> failure.addSuppressed(attempt.failure()));
        return failure;
    }

    private IOException group() {
        var failure = failure();
        var single =
                failed.stream()
                        .map(attempt ->
                                new IOException(
                                        attempt.text() + ": " + attempt.reason(),
                                        attempt.failure()))
                        .toList();
        failure.initCause(new ExceptionGroup("cannot connect to " + target, single));
        return failure;
    }

    private IOException failure() {
        var reasons = failed.stream().map(Attempt::reason).distinct().toList();
        if (reasons.size() > 1) {
            return new IOException(
                    "cannot connect to "
                            + target
                            + ": "
                            + failed.stream()
                                    .map(attempt -> attempt.text() + ": " + attempt.reason())
                                    .collect(Collectors.joining("; ")));
        }
        return sameKind(
                failed.getFirst().failure(),
                "cannot connect to " + where() + ": " + reasons.getFirst());
    }

    private String where() {
        var addresses = failed.stream().map(Attempt::text).collect(Collectors.joining(", "));
        return addresses.equals(target) ? target : target + " (" + addresses + ")";
    }

    private static IOException sameKind(IOException original, String message) {
        return switch (original) {
            case ConnectException _ ->
                    new ConnectException(message + "; is a server listening there?");
            case SocketException _ -> new SocketException(message);
            default -> new IOException(message);
        };
    }
}
