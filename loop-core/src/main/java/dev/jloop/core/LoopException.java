package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// What an [ExceptionHandler] is told: a message, the exception if there is one, and further
/// details by key. Immutable. It describes a failure and is itself no `Throwable`.
///
/// Keys in use: `future`, `task`, `handle`, `protocol`, `transport`, `server`, `channel`, `created
/// at` (a `Throwable` whose stack is the place of creation, in debug mode).
///
/// @since 0.1
public final class LoopException {
    private final String message;
    private final @Nullable Throwable exception;
    private final Map<String, Object> details;

    private LoopException(
            String message, @Nullable Throwable exception, Map<String, Object> details) {
        this.message = message;
        this.exception = exception;
        this.details = details;
    }

    /// {@return a report without details}
    ///
    /// @param message what happened, for a log
    /// @param exception what was thrown, or null where nothing was
    public static LoopException of(String message, @Nullable Throwable exception) {
        return new LoopException(Objects.requireNonNull(message, "message"), exception, Map.of());
    }

    /// {@return this report with one more detail}
    ///
    /// @param key one of the keys in use, or one of the caller's own
    /// @param value the detail
    public LoopException with(String key, Object value) {
        var more = new LinkedHashMap<>(details);
        more.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
        return new LoopException(message, exception, Collections.unmodifiableMap(more));
    }

    /// {@return what happened}
    public String message() {
        return message;
    }

    /// {@return what was thrown, or null where nothing was}
    public @Nullable Throwable exception() {
        return exception;
    }

    /// {@return the details by key, in the order they were added; unmodifiable}
    public Map<String, Object> details() {
        return details;
    }

    @Override
    public String toString() {
        var text = new StringBuilder(message);
        details.forEach((key, value) ->
                text.append("; ").append(key).append(": ").append(Descriptions.of(value)));
        return exception == null ? text.toString() : text.append("; ").append(exception).toString();
    }
}
