package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// Who in this JVM listens to which signal. The newest listener gets it; when the last one has
/// left, the JDK does what it did before.
///
/// The JDK's one way to signals is `sun.misc.Signal`. It is reached by reflection, because the
/// compiler's warning about it cannot be switched off. Thread-safe.
final class Signals {
    private static final Map<String, Signals> BY_NAME = new HashMap<>();

    private final Deque<Listener> listeners = new ArrayDeque<>();
    private final Object originalHandler;

    private Signals(String name) {
        originalHandler = handle(name, proxy(name));
    }

    /// One listener; closing it takes it away.
    record Listener(String signal, Runnable callback) implements AutoCloseable {
        @Override
        public void close() {
            remove(this);
        }
    }

    /// {@return the bare name: `INT` for `SIGINT`, `sigint` and `INT`}
    static String nameOf(String signal) {
        var upper = signal.toUpperCase(Locale.ROOT);
        return upper.startsWith("SIG") ? upper.substring(3) : upper;
    }

    /// Calls `callback` on a thread of the JDK's each time the process gets `signal`, until the
    /// listener is closed or a newer one takes its place.
    ///
    /// @throws IllegalArgumentException if the signal is unknown or cannot be handled
    /// @throws UnsupportedOperationException if the JDK's module `jdk.unsupported` is missing
    static synchronized Listener listen(String signal, Runnable callback) {
        var name = nameOf(signal);
        var listener = new Listener(name, callback);
        var entry = BY_NAME.get(name);
        if (entry == null) {
            entry = new Signals(name);
            BY_NAME.put(name, entry);
        }
        entry.listeners.push(listener);
        return listener;
    }

    /// Listens as [#listen(String, Runnable)] does, or gives null where somebody listens already.
    static synchronized @Nullable Listener listenIfFree(String signal, Runnable callback) {
        return BY_NAME.containsKey(nameOf(signal)) ? null : listen(signal, callback);
    }

    private static synchronized void remove(Listener listener) {
        var entry = BY_NAME.get(listener.signal);
        if (entry == null
                || !entry.listeners.removeIf(other -> other == listener)
                || !entry.listeners.isEmpty()) {
            return;
        }
        BY_NAME.remove(listener.signal);
        handle(listener.signal, entry.originalHandler);
    }

    private static synchronized @Nullable Listener newest(String name) {
        var entry = BY_NAME.get(name);
        return entry == null ? null : entry.listeners.peek();
    }

    private static void received(String name) {
        var listener = newest(name);
        if (listener != null) {
            listener.callback.run();
        }
    }

    // ---- the JDK's side

    private static Object proxy(String name) {
        var type = type("sun.misc.SignalHandler");
        return Proxy.newProxyInstance(
                Signals.class.getClassLoader(), new Class<?>[] {type}, new HandlerProxy(name));
    }

    /// Stands for a `sun.misc.SignalHandler`.
    private record HandlerProxy(String signal) implements InvocationHandler {
        @Override
        public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments) {
            return switch (method.getName()) {
                case "handle" -> {
                    received(signal);
                    yield null;
                }
                case "hashCode" -> System.identityHashCode(self);
                case "equals" -> arguments != null && self == arguments[0];
                default -> "jloop handler of SIG" + signal;
            };
        }
    }

    /// Sets a handler, and gives the one before.
    private static Object handle(String name, Object handler) {
        try {
            var signalType = type("sun.misc.Signal");
            var signal = signalType.getConstructor(String.class).newInstance(name);
            return signalType
                    .getMethod("handle", signalType, type("sun.misc.SignalHandler"))
                    .invoke(null, signal, handler);
        } catch (InvocationTargetException wrapper) {
            var refused = wrapper.getTargetException();
            throw new IllegalArgumentException(
                    "cannot handle signal '"
                            + name
                            + "': "
                            + refused.getMessage()
                            + "; name one that this system knows and the JVM does not keep to"
                            + " itself, such as INT, TERM or HUP",
                    refused);
        } catch (ReflectiveOperationException absent) {
            throw new UnsupportedOperationException(
                    "this JDK has no sun.misc.Signal of the form known here", absent);
        }
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException absent) {
            throw new UnsupportedOperationException(
                    "signals need the JDK's module jdk.unsupported, which is not in this runtime"
                            + " image",
                    absent);
        }
    }
}
