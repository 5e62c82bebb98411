package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// How a task is made. Immutable; start from [#DEFAULTS].
///
/// @since 0.1
public final class TaskOptions {
    /// A numbered name, a copy of the creator's context, and a first step on the loop's next turn.
    public static final TaskOptions DEFAULTS = new TaskOptions(null, null, false);

    private final @Nullable String name;
    private final @Nullable Context context;
    private final boolean eagerStart;

    private TaskOptions(@Nullable String name, @Nullable Context context, boolean eagerStart) {
        this.name = name;
        this.context = context;
        this.eagerStart = eagerStart;
    }

    /// {@return these options with a name for the task}
    ///
    /// @param value the name shown by `toString`, reports and thread dumps; need not be unique
    public TaskOptions withName(String value) {
        return new TaskOptions(Objects.requireNonNull(value, "name"), context, eagerStart);
    }

    /// {@return these options with a context that the task uses as it is, without a copy}
    ///
    /// @param value the context in which each step of the task runs
    public TaskOptions withContext(Context value) {
        return new TaskOptions(name, Objects.requireNonNull(value, "context"), eagerStart);
    }

    /// {@return these options with the first step inside the call that creates the task, or not}
    ///
    /// With eager start the body runs up to its first await point before `createTask` returns, and
    /// the task may be done by then. It needs a running loop; where the loop is not running yet the
    /// first step waits for the first turn.
    ///
    /// @param value true to start at once
    public TaskOptions withEagerStart(boolean value) {
        return new TaskOptions(name, context, value);
    }

    @Nullable String name() {
        return name;
    }

    @Nullable Context context() {
        return context;
    }

    boolean eagerStart() {
        return eagerStart;
    }
}
