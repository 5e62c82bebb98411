package dev.jloop.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Access to fields in modes that the language has no words for.
final class FieldHandle {
    private FieldHandle() {}

    /// {@return access to a field of the class that looks it up}
    ///
    /// @param type the type of the field
    static VarHandle of(MethodHandles.Lookup lookup, String name, Class<?> type) {
        try {
            return lookup.findVarHandle(lookup.lookupClass(), name, type);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }
}
