package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// A TLS handshake that a coroutine waits for.
final class AwaitedTls {
    private final TlsHandshake handshake;
    private final LoopFuture<Outcome> ended;

    /// Belongs to whoever waits, once he has got it.
    private Network.@Nullable Link securedLink;

    /// @param below belongs to this; without a reader and a writer
    /// @param peer for messages
    AwaitedTls(EventLoop loop, Network.Link below, TlsSide side, String peer) {
        ended = loop.createFuture();
        handshake = new TlsHandshake(loop, below, side, peer, new Ending());
    }

    /// How it has ended.
    private sealed interface Outcome {
        record Secured(Network.Link link) implements Outcome {}

        record Broken(IOException cause) implements Outcome {}

        /// What the user's settings have thrown, which is unchecked.
        record Misused(Throwable cause) implements Outcome {}
    }

    private final class Ending implements TlsHandshake.Listener {
        @Override
        public void secured(TlsHandshake source, Network.Link link) {
            securedLink = link;
            end(new Outcome.Secured(link));
        }

        @Override
        public void failed(TlsHandshake source, Throwable cause) {
            end(
                    cause instanceof IOException broken
                            ? new Outcome.Broken(broken)
                            : new Outcome.Misused(cause));
        }

        private void end(Outcome result) {
            if (!ended.isDone()) { // else whoever waited is being cancelled
                ended.setResult(result);
            }
        }
    }

    /// Starts the handshake, and suspends until it has ended. Failed or cancelled, it leaves the
    /// link closed.
    ///
    /// @return the secured link, which belongs to the caller
    /// @throws IOException if it failed; what the user's settings throw is passed on
    Network.Link await() throws IOException {
        var taken = false;
        try {
            handshake.start();
            return switch (ended.await()) {
                case Outcome.Secured(var link) -> {
                    taken = true;
                    yield link;
                }
                case Outcome.Broken(var cause) -> throw cause;
                case Outcome.Misused(Error cause) -> throw cause;
                case Outcome.Misused(RuntimeException cause) -> throw cause;
                case Outcome.Misused(var cause) -> throw new IllegalStateException(cause);
            };
        } finally {
            if (!taken) {
                cut();
            }
        }
    }

    /// Ends it at once, also where it is complete and nobody has got the link. Whoever waits gets
    /// an error, or a link that is closed.
    void cut() {
        handshake.cut();
        if (securedLink != null) {
            securedLink.close();
        }
    }
}
