package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;

/// A copy of a context, for a callback that runs later. Few callbacks ask for their context, so
/// that the copy may be no more than the values, which it shares with the context it was made of.
///
/// **Threading:** values are for any thread, a [Context] for who may use that.
abstract sealed class ContextCopy permits Context, ContextValues {
    /// {@return access to the field `context` of a class, for [#wholeOf(VarHandle, Object)]}
    static VarHandle fieldOf(MethodHandles.Lookup lookup) {
        return FieldHandle.of(lookup, "context", ContextCopy.class);
    }

    /// {@return the copy itself; of mere values a new one each time}
    abstract Context toContext();

    /// {@return the context itself, which from now on stands in the field in place of its values}
    /// Any thread may ask, and all get the same one.
    ///
    /// @param field of the type of this class
    /// @param owner whose field it is
    static Context wholeOf(VarHandle field, Object owner) {
        var copy = (ContextCopy) field.getAcquire(owner);
        if (copy instanceof Context whole) {
            return whole;
        }
        var whole = copy.toContext();
        var found = (ContextCopy) field.compareAndExchange(owner, copy, whole);
        return found == copy ? whole : found.toContext();
    }

    /// {@return what the variables are in it}
    abstract ContextValues values();

    /// Gives the current thread the MDC that is to be here, before somebody runs in this context.
    ///
    /// @return what the thread had, for [#leaveMdc(Map)]; null if there is nothing to undo
    abstract @Nullable Map<String, String> enterMdc();

    /// Keeps the thread's MDC for whoever runs here next, and gives the thread its own back.
    abstract void leaveMdc(@Nullable Map<String, String> outer);
}
