package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.NoSuchElementException;
import java.util.Objects;

/// A variable with a value for each [Context]: what a thread-local is to threads, for tasks.
///
/// **Threading:** any thread; each sees the value of its own current context.
///
/// The semantics are those of Python's `contextvars.ContextVar`.
///
/// @param <T> the type of the value, which is never null
/// @since 0.1
public final class ContextVar<T> {
    private final String name;
    private final @Nullable T defaultValue;

    private ContextVar(String name, @Nullable T defaultValue) {
        this.name = Objects.requireNonNull(name, "name");
        this.defaultValue = defaultValue;
    }

    /// {@return a variable without a default}
    ///
    /// @param name shown in messages
    /// @param <T> the type of the value
    public static <T> ContextVar<T> create(String name) {
        return new ContextVar<>(name, null);
    }

    /// {@return a variable with a default}
    ///
    /// @param name shown in messages
    /// @param defaultValue the value where none was set
    /// @param <T> the type of the value
    public static <T> ContextVar<T> create(String name, T defaultValue) {
        return new ContextVar<>(name, Objects.requireNonNull(defaultValue, "defaultValue"));
    }

    /// {@return the value in the current context, or the default}
    ///
    /// @throws NoSuchElementException if there is neither
    public T get() {
        @SuppressWarnings("unchecked") // set() is the only writer
        var value = (T) Context.current().value(this);
        if (value != null) {
            return value;
        }
        if (defaultValue == null) {
            throw new NoSuchElementException(
                    "context variable " + name + " has no value here and no default");
        }
        return defaultValue;
    }

    /// Sets the value in the current context.
    ///
    /// @param value the value
    /// @return what [#reset(Token)] needs to undo this
    public Token<T> set(T value) {
        Objects.requireNonNull(value, "value");
        var context = Context.current();
        var token = new SetToken<T>(this, context, context.value(this));
        context.put(this, value);
        return token;
    }

    /// Undoes one [#set(Object)], in the context it was made in.
    ///
    /// @param token of this variable and the current context, not used before
    /// @throws IllegalArgumentException if the token belongs to another variable or context
    /// @throws IllegalStateException if the token was used before
    public void reset(Token<T> token) {
        var context = Context.current();
        var set = (SetToken<T>) token;
        if (set.variable != this) {
            throw new IllegalArgumentException(
                    "token of context variable " + set.variable.name + " was given to " + name);
        }
        if (set.context != context) {
            throw new IllegalArgumentException(
                    "token of context variable " + name + " was made in another context");
        }
        if (set.used) {
            throw new IllegalStateException(
                    "token of context variable " + name + " was used before");
        }
        set.used = true;
        context.put(this, set.before);
    }

    @Override
    public String toString() {
        return name;
    }

    /// Remembers what one [ContextVar#set(Object)] replaced.
    ///
    /// @param <T> the type of the variable's value
    public sealed interface Token<T> {}

    private static final class SetToken<T> implements Token<T> {
        private final ContextVar<T> variable;
        private final Context context;
        private final @Nullable Object before;
        private boolean used;

        SetToken(ContextVar<T> variable, Context context, @Nullable Object before) {
            this.variable = variable;
            this.context = context;
            this.before = before;
        }
    }
}
