package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/// The listeners of a loop that cannot accept. Descriptors run out for all of them at once, so an
/// episode, from the first that fails until all can accept again, is one affair: each reason is
/// reported once, and its end is logged once.
final class AcceptTroubles {
    private static final Logger LOG = LoggerFactory.getLogger(AcceptTroubles.class);

    private final EventLoop loop;
    private final Set<Network.Listener> troubled = new LinkedHashSet<>();
    private final Set<String> reported = new HashSet<>();

    private AcceptTroubles(EventLoop loop) {
        this.loop = loop;
    }

    static AcceptTroubles of(EventLoop loop) {
        return loop.service(AcceptTroubles.class, AcceptTroubles::new);
    }

    /// Reports that a listener cannot accept, unless this episode has seen the same reason. The
    /// text alone may need classes that were not loaded yet.
    void report(Network.Listener listener, IOException failure, Duration retryDelay) {
        troubled.add(listener);
        if (reported.add(String.valueOf(failure.getMessage()))) {
            ReserveDescriptor.of(loop)
                    .whileFree(
                            () -> loop.callExceptionHandler(report(listener, retryDelay, failure)));
        }
    }

    private static LoopException report(
            Network.Listener listener, Duration retryDelay, IOException failure) {
        return LoopException.of(
                        listener
                                + " cannot accept connections; it tries again every "
                                + text(retryDelay)
                                + ", in silence. If files or sockets ran out, raise the limit"
                                + " (ulimit -n) or close some",
                        failure)
                .with("channel", listener);
    }

    private static String text(Duration delay) {
        if (delay.equals(Duration.ofSeconds(1))) {
            return "second";
        }
        return delay.toMillis() == 0 ? delay.toNanos() + " ns" : delay.toMillis() + " ms";
    }

    /// A listener has accepted all that waited, or as much as it may in a turn.
    void recovered(Network.Listener listener) {
        if (troubled.remove(listener) && troubled.isEmpty()) {
            reported.clear();
            ReserveDescriptor.of(loop).hold();
            LOG.info("{} accepts connections again", listener);
        }
    }

    /// A listener is closed.
    void forget(Network.Listener listener) {
        troubled.remove(listener);
        if (troubled.isEmpty()) {
            reported.clear();
        }
    }
}
