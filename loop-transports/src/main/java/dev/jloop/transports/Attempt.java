package dev.jloop.transports;

import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// One address that is connected to, and how that went. Owns the connection until it is taken.
final class Attempt {
    /// ```
    /// WAITING -> RUNNING -> CONNECTED -take-> TAKEN
    ///                       CONNECTED -discard-> GIVEN_UP
    ///            RUNNING -> FAILED, BROKEN or GIVEN_UP
    /// ```
    private enum State {
        WAITING,
        RUNNING,
        CONNECTED,
        TAKEN,
        /// The network says why not.
        FAILED,
        /// The network, or something else on the way, has a bug.
        BROKEN,
        /// Cancelled, by whatever.
        GIVEN_UP
    }

    private final EventLoop loop;
    private final Network network;
    private final SocketAddress remote;
    private final List<@Nullable SocketAddress> locals;
    private State state = State.WAITING;
    private long startedAt;
    private long endedAt;
    private Network.@Nullable Link link;
    private @Nullable Throwable failure;

    /// @param locals where to connect from: the first one that can be used; null means any
    Attempt(
            EventLoop loop,
            Network network,
            SocketAddress remote,
            List<@Nullable SocketAddress> locals) {
        this.loop = loop;
        this.network = network;
        this.remote = remote;
        this.locals = locals;
    }

    /// Suspends until it is known how the attempt went. Throws only if it is cancelled.
    void run() {
        state = State.RUNNING;
        startedAt = loop.time();
        try {
            link = connect();
            end(State.CONNECTED, null);
        } catch (IOException reason) {
            end(State.FAILED, reason);
        } catch (CancelledError cancelled) {
            end(State.GIVEN_UP, cancelled);
            throw cancelled;
        } catch (RuntimeException | Error bug) {
            Unbearable.rethrow(bug);
            end(State.BROKEN, bug);
        }
    }

    private Network.Link connect() throws IOException {
        var unusable = new ArrayList<BindException>();
        for (var local : locals) {
            try {
                return network.connect(remote, local);
            } catch (BindException failure) {
                unusable.add(failure);
            }
        }
        if (unusable.size() == 1) {
            throw unusable.getFirst();
        }
        var all =
                new BindException(
                        unusable.stream()
                                .map(Throwable::getMessage)
                                .distinct()
                                .collect(Collectors.joining(", ")));
        unusable.forEach(all::addSuppressed);
        throw all;
    }

    private void end(State how, @Nullable Throwable why) {
        state = how;
        endedAt = loop.time();
        failure = why;
    }

    /// {@return whether nothing else needs to be tried: it is connected, or there is a bug}
    boolean isDecisive() {
        return state == State.CONNECTED || state == State.BROKEN;
    }

    /// {@return the connection, which is the caller's from now on}
    ///
    /// A bug comes out as what it was thrown as.
    Network.Link take() {
        if (state == State.BROKEN) {
            if (failure() instanceof RuntimeException bug) {
                throw bug;
            }
            throw (Error) failure();
        }
        state = State.TAKEN;
        return Objects.requireNonNull(link);
    }

    /// Closes the connection where nobody has taken it.
    void discard() {
        if (state == State.CONNECTED) {
            state = State.GIVEN_UP;
            Objects.requireNonNull(link).close();
        }
    }

    /// Tells of a bug that the winner's success would hide.
    void reportBug() {
        if (state == State.BROKEN) {
            loop.callExceptionHandler(
                    LoopException.of(
                            "an attempt to connect to " + text() + " broke",
                            Objects.requireNonNull(failure)));
        }
    }

    boolean hasFailed() {
        return state == State.FAILED;
    }

    /// {@return why there is no connection, once it has ended without one}
    Throwable failure() {
        return Objects.requireNonNull(failure);
    }

    /// {@return why there is no connection, in words}
    String reason() {
        return switch (state) {
            case WAITING -> "not tried yet";
            case GIVEN_UP, RUNNING, CONNECTED, TAKEN ->
                    link == null
                            ? "given up without an answer after "
                                    + Seconds.text(endedAt - startedAt)
                            : "connected, but given up";
            case FAILED, BROKEN -> {
                var message = failure().getMessage();
                yield message == null ? failure().toString() : message;
            }
        };
    }

    /// {@return the address}
    String text() {
        return Addresses.text(remote);
    }
}
