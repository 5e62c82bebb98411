package dev.jloop.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A copy of a context, for a callback that runs later. Few callbacks ask for their context, so
/// that the copy may be no more than the values, which it shares with the context it was made of.
///
/// **Threading:** values are for any thread, a [Context] for who may use that.
abstract sealed class ContextCopy permits Context, ContextValues {
    /// {@return access to the field `context` of a class, for [#wholeOf(VarHandle, Object)]}
    static VarHandle fieldOf(MethodHandles.Lookup lookup) {
        try {
            return lookup.findVarHandle(lookup.lookupClass(), "context", ContextCopy.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
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
}
