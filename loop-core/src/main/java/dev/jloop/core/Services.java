package dev.jloop.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/// One instance of each service of a loop. Confined to the loop's thread.
final class Services {
    private final SelectorEventLoop loop;
    private final Map<Class<?>, Object> instances = new LinkedHashMap<>();

    Services(SelectorEventLoop loop) {
        this.loop = loop;
    }

    <S> S get(Class<S> type, Function<? super EventLoop, ? extends S> create) {
        var existing = instances.get(Objects.requireNonNull(type, "type"));
        if (existing != null) {
            return type.cast(existing);
        }
        S made =
                Objects.requireNonNull(
                        create.apply(loop),
                        () -> "no instance was made of service " + type.getName());
        instances.put(type, made);
        return made;
    }

    <S> void provide(Class<S> type, S instance) {
        var existing = instances.putIfAbsent(type, Objects.requireNonNull(instance, "instance"));
        if (existing != null) {
            throw new IllegalStateException(
                    loop
                            + " has a service "
                            + type.getName()
                            + " already: "
                            + existing
                            + "; provide another before the first use");
        }
    }

    /// Closes those that can be closed, the newest first.
    void close() {
        for (var service : new ArrayList<>(instances.values()).reversed()) {
            if (service instanceof AutoCloseable closeable) {
                try {
                    closeable.close();
                } catch (Exception | Error failure) {
                    Failures.rethrowIfFatal(failure);
                    loop.callExceptionHandler(
                            LoopException.of("a service could not be closed: " + service, failure));
                }
            }
        }
        instances.clear();
    }
}
