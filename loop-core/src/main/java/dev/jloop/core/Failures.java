package dev.jloop.core;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes failures to the loop's exception handler, and sees to it that a failing handler loses
/// none.
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private final EventLoop loop;
    private @Nullable ExceptionHandler handler;

    Failures(EventLoop loop) {
        this.loop = loop;
    }

    void setHandler(@Nullable ExceptionHandler newHandler) {
        handler = newHandler;
    }

    void report(LoopException failure) {
        if (handler == null) {
            log(failure);
            return;
        }
        try {
            handler.handle(loop, failure);
        } catch (Throwable broken) { // checked ones too, which some compilers let through
            rethrowIfFatal(broken);
            if (failure.exception() != null && failure.exception() != broken) {
                broken.addSuppressed(failure.exception());
            }
            log(
                    LoopException.of(
                            "the exception handler failed while it was told: " + failure.message(),
                            broken));
        }
    }

    /// The default handler.
    void log(LoopException failure) {
        var text = new StringBuilder(failure.message());
        try {
            failure.details().forEach((key, value) -> append(text, key, value));
            LOG.error(text.toString(), failure.exception());
        } catch (RuntimeException broken) {
            // The last resort: without it a failing log back end would stop the loop.
            System.err.println("jloop: logging failed (" + broken + ") for: " + text);
        }
    }

    private static void append(StringBuilder text, String key, Object value) {
        text.append("; ").append(key).append(": ");
        if (value instanceof Throwable site) {
            for (var frame : site.getStackTrace()) {
                text.append(System.lineSeparator()).append("    ").append(frame);
            }
        } else {
            text.append(Descriptions.of(value));
        }
    }

    /// {@return `report` with the place where its subject was created, where that is known}
    static LoopException withSite(LoopException report, @Nullable Throwable createdAt) {
        return createdAt == null ? report : report.with("created at", createdAt);
    }

    /// For who catches everything in order to report it and go on.
    static void rethrowIfFatal(Throwable failure) {
        if (failure instanceof Error error && isFatal(error)) {
            throw error;
        }
    }

    /// {@return whether the JVM itself is in trouble, so that the loop must not go on}
    static boolean isFatal(Throwable failure) {
        return failure instanceof VirtualMachineError && !(failure instanceof StackOverflowError);
    }
}
