package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.Objects;

/// The values of [ContextVar]s seen by one task, callback or thread.
///
/// Each task runs in a context of its own, copied from its creator's. A copy takes constant time.
///
/// A loop may carry SLF4J's MDC along: see [SelectorEventLoop.Builder#carryMdc(boolean)]. A copy
/// then has the MDC of the thread that made it, and who runs in the copy sees it, on any thread.
///
/// **Threading:** a context belongs to whoever runs in it. It may be handed to another thread, as
/// long as two threads do not use it at the same time.
///
/// The semantics are those of Python's `contextvars`.
///
/// @since 0.1
public final class Context extends ContextCopy {
    /// Of the threads that run no loop: their own contexts, made on first use.
    private static final ThreadLocal<Context> OF_THREAD = ThreadLocal.withInitial(Context::empty);

    private ContextValues values;

    /// What SLF4J's MDC is to be in this context; null where nobody carries it. Never changed in
    /// place. While somebody runs in this context, its thread has the values that count.
    private @Nullable Map<String, String> mdc;

    private Context(ContextValues values, @Nullable Map<String, String> mdc) {
        this.values = values;
        this.mdc = mdc;
    }

    /// {@return a copy of the current context: of the task or callback that runs on this thread,
    /// else of the thread itself}
    public static Context copyCurrent() {
        var loop = CurrentLoop.get();
        return loop == null ? OF_THREAD.get().copy() : copyOf(loop);
    }

    /// {@return what [#copyCurrent()] gives} Quicker where `loop` is likely to be the current one.
    static Context copyCurrent(SelectorEventLoop loop) {
        return loop.execution().runsOn(Thread.currentThread()) ? copyOf(loop) : copyCurrent();
    }

    private static Context copyOf(SelectorEventLoop loop) {
        var values = loop.execution().contextValues();
        return new Context(values, loop.carriesMdc() ? Mdc.snapshot() : null);
    }

    /// {@return what [#copyCurrent(SelectorEventLoop)] gives, for a callback of `loop`: its values
    /// alone where nothing else belongs to it}
    static ContextCopy copyForCallback(SelectorEventLoop loop) {
        if (loop.carriesMdc()) {
            return copyCurrent(loop);
        }
        var execution = loop.execution();
        if (execution.runsOn(Thread.currentThread())) {
            return execution.contextValues();
        }
        var other = CurrentLoop.get();
        if (other != null) {
            return copyOf(other);
        }
        var ofThread = OF_THREAD.get();
        return ofThread.mdc == null ? ofThread.values : ofThread.copy();
    }

    /// {@return a context with the same values}
    public Context copy() {
        return new Context(values, mdc);
    }

    /// Runs `body` with this as the current context. What the body sets stays in this context. The
    /// body may await.
    ///
    /// @param body what to run
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    public <X extends Throwable> void run(ThrowingRunnable<X> body) throws X {
        var outer = replaceCurrent(this);
        var outerMdc = enterMdc();
        try {
            body.run();
        } finally {
            leaveMdc(outerMdc);
            replaceCurrent(outer);
        }
    }

    /// Runs `body` with this as the current context, and gives its result.
    ///
    /// @param body what to run
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    public <T extends @Nullable Object, X extends Throwable> T call(
            ThrowingSupplier<? extends T, X> body) throws X {
        var outer = replaceCurrent(this);
        var outerMdc = enterMdc();
        try {
            return body.get();
        } finally {
            leaveMdc(outerMdc);
            replaceCurrent(outer);
        }
    }

    /// Takes the MDC of this thread for a context that has none yet.
    void carryMdc() {
        if (mdc == null) {
            mdc = Mdc.snapshot();
        }
    }

    @Override
    @Nullable Map<String, String> enterMdc() {
        if (mdc == null) {
            return null;
        }
        var outer = Mdc.snapshot();
        Mdc.install(mdc);
        return outer;
    }

    @Override
    void leaveMdc(@Nullable Map<String, String> outer) {
        if (outer != null) {
            mdc = Mdc.snapshot();
            Mdc.install(outer);
        }
    }

    static Context current() {
        var loop = CurrentLoop.get();
        return loop == null ? OF_THREAD.get() : loop.execution().context();
    }

    private static @Nullable Context replaceCurrent(@Nullable Context next) {
        var loop = CurrentLoop.get();
        if (loop != null) {
            return loop.execution().replaceContext(next);
        }
        var before = OF_THREAD.get();
        OF_THREAD.set(Objects.requireNonNull(next));
        return before;
    }

    static Context empty() {
        return of(ContextValues.NONE);
    }

    static Context of(ContextValues values) {
        return new Context(values, null);
    }

    @Override
    Context toContext() {
        return this;
    }

    @Override
    ContextValues values() {
        return values;
    }

    @Nullable Object value(ContextVar<?> variable) {
        return values.of(variable);
    }

    /// Sets a value, or takes it away where `value` is null.
    void put(ContextVar<?> variable, @Nullable Object value) {
        values = values.with(variable, value);
    }

    @Override
    public String toString() {
        return "Context" + values;
    }
}
