package dev.jloop.testkit;

import dev.jloop.core.Context;
import dev.jloop.core.ContextVar;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/// On which host code is: a context variable holds the life of the host, and whatever a task starts
/// inherits it.
final class HostContext {
    /// Where code is whose context carries no host.
    static final String DEFAULT_HOST = "test";

    private static final ContextVar<Optional<HostLife>> HERE =
            ContextVar.create("jloop.testkit.host", Optional.empty());

    private static final ContextVar<Boolean> OF_NETWORK =
            ContextVar.create("jloop.testkit.ofNetwork", false);

    private HostContext() {}

    /// {@return the host, in the life in which the current code was started on it; null for the
    /// default host}
    static @Nullable HostLife current() {
        return HERE.get().orElse(null);
    }

    static @Nullable HostLife of(Context context) {
        return context.call(HERE::get).orElse(null);
    }

    /// {@return the name of the host that a context is on}
    static String nameIn(Context context) {
        var life = of(context);
        return life == null ? DEFAULT_HOST : life.host().name();
    }

    /// Puts the current context on a host.
    static void enter(HostLife life) {
        var _ = HERE.set(Optional.of(life));
        var _ = OF_NETWORK.set(false);
    }

    /// {@return whether what runs in a context is the network's own work, which belongs to no host}
    static boolean isOfNetwork(Context context) {
        return context.call(OF_NETWORK::get);
    }

    /// {@return a copy of the current context that is on no host, for the network's own work}
    static Context outside() {
        var context = Context.copyCurrent();
        context.run(() -> {
            var _ = HERE.set(Optional.empty());
            var _ = OF_NETWORK.set(true);
        });
        return context;
    }
}
