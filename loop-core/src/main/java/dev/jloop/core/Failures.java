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
            if (broken instanceof Error error && isFatal(error)) {
                throw error;
            }
            if (failure.exception() != null) {
                broken.addSuppressed(failure.exception());
            }
            log(
                    LoopException.of(
                            "the exception handler failed while it was told: " + failure, broken));
        }
    }

    private void log(LoopException failure) {
        var text = new StringBuilder(failure.message());
        failure.details()
                .forEach((key, value) -> {
                    if (!(value instanceof Throwable)) {
                        text.append("; ").append(key).append(": ").append(value);
                    }
                });
        if (failure.details().get("created at") instanceof Throwable created) {
            text.append("; created at:");
            for (var frame : created.getStackTrace()) {
                text.append(System.lineSeparator()).append("    ").append(frame);
            }
        }
        try {
            LOG.error(text.toString(), failure.exception());
        } catch (RuntimeException broken) {
            // The last resort: without it a failing log back end would stop the loop.
            System.err.println("jloop: logging failed (" + broken + ") for: " + text);
        }
    }

    /// {@return whether the JVM itself is in trouble, so that the loop must not go on}
    static boolean isFatal(Throwable failure) {
        return failure instanceof VirtualMachineError && !(failure instanceof StackOverflowError);
    }
}
