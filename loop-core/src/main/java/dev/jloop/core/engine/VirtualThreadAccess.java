package dev.jloop.core.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;

/// The JDK internals that the mounted engine needs, and the only reflection of the engines: a
/// constructor of virtual threads with a scheduler of one's own, and the default scheduler.
final class VirtualThreadAccess {
    /// `Thread.NO_INHERIT_THREAD_LOCALS` of the JDK.
    private static final int NO_INHERIT_THREAD_LOCALS = 1 << 2;

    /// Static and final, so that the JIT compiler calls straight through them. Filled by [#open()].
    private static final class Handles {
        static final MethodHandle NEW_VIRTUAL_THREAD;
        static final Executor DEFAULT_SCHEDULER;

        static {
            try {
                var builders = Class.forName("java.lang.ThreadBuilders");
                NEW_VIRTUAL_THREAD =
                        MethodHandles.privateLookupIn(builders, MethodHandles.lookup())
                                .findStatic(
                                        builders,
                                        "newVirtualThread",
                                        MethodType.methodType(
                                                Thread.class,
                                                Executor.class,
                                                String.class,
                                                int.class,
                                                Runnable.class));
                var virtualThread = Class.forName("java.lang.VirtualThread");
                DEFAULT_SCHEDULER =
                        (Executor)
                                MethodHandles.privateLookupIn(virtualThread, MethodHandles.lookup())
                                        .findStatic(
                                                virtualThread,
                                                "defaultScheduler",
                                                MethodType.methodType(Executor.class))
                                        .invoke();
            } catch (Throwable unusable) {
                throw new ExceptionInInitializerError(unusable);
            }
        }

        private Handles() {}
    }

    private VirtualThreadAccess() {}

    /// Makes sure that the internals are there.
    ///
    /// @throws EngineUnavailableException if `java.lang` is not open, or this JDK lacks them
    static void open() {
        if (!Object.class.getModule().isOpen("java.lang", VirtualThreadAccess.class.getModule())) {
            throw new EngineUnavailableException(
                    "the package java.lang is not open to jloop", null);
        }
        try {
            MethodHandles.lookup().ensureInitialized(Handles.class);
        } catch (ExceptionInInitializerError | IllegalAccessException unusable) {
            throw new EngineUnavailableException(
                    "this JDK makes no virtual threads with a given scheduler", unusable);
        }
    }

    static Thread newThread(Executor scheduler, String name, Runnable body) {
        try {
            return (Thread)
                    Handles.NEW_VIRTUAL_THREAD.invokeExact(
                            scheduler, name, NO_INHERIT_THREAD_LOCALS, body);
        } catch (RuntimeException | Error unchecked) {
            throw unchecked;
        } catch (Throwable checked) {
            throw new IllegalStateException(
                    "ThreadBuilders.newVirtualThread threw a checked exception", checked);
        }
    }

    static Executor defaultScheduler() {
        return Handles.DEFAULT_SCHEDULER;
    }
}
