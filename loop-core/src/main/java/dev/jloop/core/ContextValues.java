package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/// What [ContextVar]s are at one moment. Immutable, so that a context and its copies can share it.
final class ContextValues extends ContextCopy {
    static final ContextValues NONE = new ContextValues(Map.of());

    private final Map<ContextVar<?>, Object> map;

    private ContextValues(Map<ContextVar<?>, Object> map) {
        this.map = map;
    }

    @Nullable Object of(ContextVar<?> variable) {
        return map.get(variable);
    }

    /// {@return these values with that of `variable`, or without it where `value` is null}
    ContextValues with(ContextVar<?> variable, @Nullable Object value) {
        var changed = new HashMap<>(map);
        if (value == null) {
            changed.remove(variable);
        } else {
            changed.put(variable, value);
        }
        return new ContextValues(changed);
    }

    @Override
    Context toContext() {
        return Context.of(this);
    }

    @Override
    ContextValues values() {
        return this;
    }

    /// An MDC belongs to whole contexts alone.
    @Override
    @Nullable Map<String, String> enterMdc() {
        return null;
    }

    @Override
    void leaveMdc(@Nullable Map<String, String> outer) {}

    @Override
    public String toString() {
        return map.toString();
    }
}
