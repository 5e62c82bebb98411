package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What an [ExceptionHandler] is told: a message, the exception if there is one, and further
/// details by key. Immutable. It describes a failure and is itself no `Throwable`.
///
/// Keys in use: `future`, `task`, `handle`, `generator`, `protocol`, `transport`, `server`,
/// `channel`, `created at` (a `Throwable` whose stack is the place of creation, in debug mode).
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

    /// {@return the future it is about, which may be a task; empty where it is about none, or the
    /// future is gone, so that `details` have its description only}
    public Optional<LoopFuture<?>> future() {
        Optional<LoopFuture<?>> future = detail("future", LoopFuture.class).map(found -> found);
        return future.or(() -> task().map(found -> found));
    }

    /// {@return the task it is about; empty where it is about none, or the task is gone, so that
    /// `details` have its description only}
    public Optional<Task<?>> task() {
        return detail("task", Task.class).map(found -> found);
    }

    /// {@return the handle of the callback it is about; empty where it is about none}
    public Optional<Handle> handle() {
        return detail("handle", Handle.class);
    }

    /// {@return where its subject was created: something whose stack is that place; empty unless
    /// the loop was in debug mode then}
    public Optional<Throwable> createdAt() {
        return detail("created at", Throwable.class);
    }

    /// {@return the detail of that key; empty where there is none, or it is of another type}
    ///
    /// @param key one of the keys in use, or one of the reporter's own
    /// @param type what to expect, such as the `Transport` of another module
    /// @param <T> what to expect
    public <T> Optional<T> detail(String key, Class<T> type) {
        return Optional.ofNullable(details.get(key)).filter(type::isInstance).map(type::cast);
    }

    @Override
    public String toString() {
        var text = new StringBuilder(message);
        details.forEach((key, value) ->
                text.append("; ").append(key).append(": ").append(Descriptions.of(value)));
        return exception == null ? text.toString() : text.append("; ").append(exception).toString();
    }
}
