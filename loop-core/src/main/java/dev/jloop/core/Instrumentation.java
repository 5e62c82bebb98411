package dev.jloop.core;

import dev.jloop.core.spi.LoopObserver;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Debug mode and observers of one loop. Costs one check for each callback while there is neither.
final class Instrumentation {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final Duration DEFAULT_SLOW_CALLBACK = Duration.ofMillis(100);

    private static final Duration LONGEST_THRESHOLD = Duration.ofNanos(Long.MAX_VALUE);

    /// Without debug mode only a stall that users notice is worth a line.
    private static final long STALL_NANOS = Duration.ofSeconds(1).toNanos();

    private final SelectorEventLoop loop;
    private final List<LoopObserver> observers;

    /// Whether there are any: asked in each turn, and a list would have to be asked by interface.
    private final boolean observed;

    /// Read by the watchdog too.
    private volatile long slowCallbackNanos = DEFAULT_SLOW_CALLBACK.toNanos();

    /// Read by any thread, for the check of threads.
    private volatile boolean debug;

    private boolean timing;

    Instrumentation(SelectorEventLoop loop, List<LoopObserver> observers, boolean debug) {
        this.loop = loop;
        this.observers = List.copyOf(observers);
        this.observed = !this.observers.isEmpty();
        setDebug(debug);
    }

    static boolean debugByDefault() {
        var property = System.getProperty("jloop.debug");
        return property == null
                ? "1".equals(System.getenv("JLOOP_DEBUG"))
                : !property.equalsIgnoreCase("false");
    }

    boolean isDebug() {
        return debug;
    }

    void setDebug(boolean on) {
        debug = on;
        timing = on || observed;
    }

    void setSlowCallbackDuration(Duration threshold) {
        if (!threshold.isPositive()) {
            throw new IllegalArgumentException(
                    "the slow-callback duration must be positive, was " + threshold);
        }
        slowCallbackNanos =
                threshold.compareTo(LONGEST_THRESHOLD) > 0 ? Long.MAX_VALUE : threshold.toNanos();
    }

    boolean isTiming() {
        return timing;
    }

    /// How long a callback may run before the watchdog reports it while it runs.
    long stallThresholdNanos() {
        return debug ? slowCallbackNanos : STALL_NANOS;
    }

    /// Runs `callback` and says how long it took, in real time: a virtual clock stands still
    /// meanwhile.
    void time(Runnable callback) {
        var start = System.nanoTime();
        try {
            callback.run();
        } finally {
            var nanos = System.nanoTime() - start;
            if (debug && nanos >= slowCallbackNanos) {
                LOG.warn(
                        "{} took {} ms of {}, and nothing else could run; move blocking work to"
                                + " Offload.toThread",
                        callback,
                        TimeUnit.NANOSECONDS.toMillis(nanos),
                        loop);
            }
            tellEnded(callback, nanos);
        }
    }

    private void tellEnded(Runnable callback, long nanos) {
        var outer = loop.execution().leaveContext();
        try {
            tell(observer -> observer.callbackEnded(callback, nanos));
        } finally {
            loop.execution().replaceContext(outer);
        }
    }

    void turnStarted(int ready) {
        if (observed) { // which keeps an idle lambda off the path
            tell(observer -> observer.turnStarted(ready));
        }
    }

    void turnEnded(int ran) {
        if (observed) {
            tell(observer -> observer.turnEnded(ran));
        }
    }

    void taskCreated(CoroutineTask<?> task) {
        if (observed) {
            tell(observer -> observer.taskCreated(task));
        }
    }

    void taskEnded(CoroutineTask<?> task) {
        if (observed) {
            tell(observer -> observer.taskEnded(task));
        }
    }

    private void tell(Consumer<LoopObserver> event) {
        for (var observer : observers) {
            try {
                event.accept(observer);
            } catch (Throwable failure) {
                Failures.rethrowIfFatal(failure);
                loop.callExceptionHandler(
                        LoopException.of(
                                "loop observer " + Descriptions.of(observer) + " failed", failure));
            }
        }
    }
}
