package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Locale;

/// Signals of the process, by the JDK's one way to them, `sun.misc.Signal`. It is reached by
/// reflection, because the compiler's warning about it cannot be switched off.
final class Signals {
    /// What the JDK did with a signal before a handler was installed.
    record Previous(String signal, Object handler) {
        void restore() {
            handle(signal, handler);
        }
    }

    private Signals() {}

    /// {@return the bare name: `INT` for `SIGINT`, `sigint` and `INT`}
    static String nameOf(String signal) {
        var upper = signal.toUpperCase(Locale.ROOT);
        return upper.startsWith("SIG") ? upper.substring(3) : upper;
    }

    /// Calls `handler` on a thread of the JDK's each time the process gets `signal`.
    ///
    /// @throws IllegalArgumentException if the signal is unknown or cannot be handled
    /// @throws UnsupportedOperationException if the JDK's module `jdk.unsupported` is missing
    static Previous install(String signal, Runnable handler) {
        var name = nameOf(signal);
        var type = type("sun.misc.SignalHandler");
        var proxy =
                Proxy.newProxyInstance(
                        Signals.class.getClassLoader(),
                        new Class<?>[] {type},
                        new HandlerProxy(name, handler));
        return new Previous(name, handle(name, proxy));
    }

    /// Stands for a `sun.misc.SignalHandler`.
    private record HandlerProxy(String signal, Runnable handler) implements InvocationHandler {
        @Override
        public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments) {
            return switch (method.getName()) {
                case "handle" -> {
                    handler.run();
                    yield null;
                }
                case "hashCode" -> System.identityHashCode(self);
                case "equals" -> arguments != null && self == arguments[0];
                default -> "jloop handler of SIG" + signal;
            };
        }
    }

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
