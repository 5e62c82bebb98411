package dev.jloop.core.planted;

import dev.jloop.core.PlantedInCore;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;

/// Breaks the rules of the architecture, which their test has to notice.
public final class PlantedBelowCore {
    /// Half of a cycle of packages.
    public static PlantedInCore cycle() {
        return new PlantedInCore();
    }

    /// Reflection outside of the engines.
    public static Method[] reflection() {
        return PlantedInCore.class.getMethods();
    }

    /// A look into the JDK outside of the engines.
    public static MethodHandle insight() throws ReflectiveOperationException {
        var inside = Class.forName("java.lang.VirtualThread");
        var lookup = MethodHandles.privateLookupIn(inside, MethodHandles.lookup());
        return lookup.findStatic(inside, "defaultScheduler", MethodType.methodType(Executor.class));
    }
}
