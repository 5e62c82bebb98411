package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.TimerHandle;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/// Accepts the connections of one listener. While accepting fails, as it does when the process has
/// run out of descriptors, it rests and tries again, and reports it once.
final class Acceptor {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final Duration REST = Duration.ofSeconds(1);

    private enum State {
        IDLE,
        ACCEPTING,
        RESTING,
        CLOSED
    }

    private final EventLoop loop;
    private final Network.Listener listener;
    private final int backlog;
    private final Consumer<Network.Link> accepted;
    private State state = State.IDLE;
    private boolean troubled;
    private @Nullable TimerHandle retry;

    /// @param backlog how many connections are accepted in one turn at most
    /// @param accepted gets each new link, and owns it
    Acceptor(
            EventLoop loop,
            Network.Listener listener,
            int backlog,
            Consumer<Network.Link> accepted) {
        this.loop = loop;
        this.listener = listener;
        this.backlog = backlog;
        this.accepted = accepted;
    }

    void start() {
        state = State.ACCEPTING;
        listener.addReader(this::acceptWaiting);
    }

    private void acceptWaiting() {
        for (var count = 0; count < backlog && state == State.ACCEPTING; count++) {
            Network.Link link;
            try {
                link = listener.accept();
            } catch (IOException failure) {
                rest(failure);
                return;
            }
            if (link == null) {
                return;
            }
            recovered();
            accepted.accept(link);
        }
    }

    private void rest(IOException failure) {
        listener.removeReader();
        state = State.RESTING;
        retry = loop.callLater(REST, this::start);
        if (!troubled) {
            troubled = true;
            loop.callExceptionHandler(
                    LoopException.of(
                                    listener
                                            + " cannot accept connections; it tries again every"
                                            + " second, in silence. If files or sockets ran out,"
                                            + " raise the limit (ulimit -n) or close some",
                                    failure)
                            .with("channel", listener));
        }
    }

    private void recovered() {
        if (troubled) {
            troubled = false;
            LOG.info("{} accepts connections again", listener);
        }
    }

    void close() {
        state = State.CLOSED;
        if (retry != null) {
            retry.cancel();
        }
        listener.close();
    }
}
