package dev.jloop.executor;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// How one piece of work is offloaded. Immutable; start from [#DEFAULTS].
///
/// ```java
/// private static final OffloadOptions QUERY =
///         OffloadOptions.DEFAULTS.withName("query").withLimiter(connections);
///
/// var rows = Offload.toThread(() -> database.rows(), QUERY.withInterruptOnCancel(true));
/// ```
///
/// @since 0.1
public final class OffloadOptions {
    /// The limiter of the executor's own, no interrupt, and no name.
    public static final OffloadOptions DEFAULTS = new OffloadOptions(null, false, null);

    private final @Nullable CapacityLimiter limiter;
    private final boolean interruptOnCancel;
    private final @Nullable String name;

    private OffloadOptions(
            @Nullable CapacityLimiter limiter, boolean interruptOnCancel, @Nullable String name) {
        this.limiter = limiter;
        this.interruptOnCancel = interruptOnCancel;
        this.name = name;
    }

    /// {@return these options with a limiter} It takes the place of [Offload#defaultLimiter()].
    ///
    /// @param value lends a token to the work from before it is handed to a thread until its body
    ///   has ended
    public OffloadOptions withLimiter(CapacityLimiter value) {
        return new OffloadOptions(
                Objects.requireNonNull(value, "limiter"), interruptOnCancel, name);
    }

    /// {@return these options with an interrupt of the thread where the work is cancelled after it
    /// has started, or without}
    ///
    /// The body then gets an `InterruptedException` where it blocks, if what it blocks in answers
    /// to interrupts. An interrupt *closes* a `FileChannel` or a `SocketChannel` in use, so it is
    /// for bodies that own what they use. Nobody waits for the body any more, in either case.
    ///
    /// @param value whether to interrupt
    public OffloadOptions withInterruptOnCancel(boolean value) {
        return new OffloadOptions(limiter, value, name);
    }

    /// {@return these options with a name for the work}
    ///
    /// @param value stands behind the name of the thread while the body runs, and in reports; need
    ///   not be unique
    public OffloadOptions withName(String value) {
        return new OffloadOptions(
                limiter, interruptOnCancel, Objects.requireNonNull(value, "name"));
    }

    @Nullable CapacityLimiter limiter() {
        return limiter;
    }

    boolean interruptOnCancel() {
        return interruptOnCancel;
    }

    @Nullable String name() {
        return name;
    }

    @Override
    public String toString() {
        return "OffloadOptions[limiter="
                + limiter
                + ", interruptOnCancel="
                + interruptOnCancel
                + ", name="
                + name
                + "]";
    }
}
