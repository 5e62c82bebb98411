package dev.jloop.core.engine;

/// Spells flags of the JVM in the form that fits how jloop was loaded.
public final class JvmFlags {
    private JvmFlags() {}

    /// {@return what flags call the module that jloop is in: each form is wrong for the other}
    public static String moduleName() {
        var module = JvmFlags.class.getModule();
        return module.isNamed() ? module.getName() : "ALL-UNNAMED";
    }
}
