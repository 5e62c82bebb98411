package dev.jloop.core.engine;

import org.jspecify.annotations.Nullable;

/// Thrown when the mounted engine cannot work in this JVM.
final class EngineUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EngineUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
