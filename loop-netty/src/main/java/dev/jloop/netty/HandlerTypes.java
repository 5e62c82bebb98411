package dev.jloop.netty;

import io.netty.channel.ChannelPipeline;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/// Looks for handlers of certain types. By name, as the modules of Netty that have them need not be
/// there.
final class HandlerTypes {
    private final Set<String> names;

    HandlerTypes(String... names) {
        this.names = Set.of(names);
    }

    /// {@return the name in the pipeline of the first handler of one of the types, or of a type
    /// that extends one; null where none is there}
    @Nullable String firstIn(ChannelPipeline pipeline) {
        for (var entry : pipeline) {
            if (matches(entry.getValue().getClass())) {
                return entry.getKey();
            }
        }
        return null;
    }

    private boolean matches(Class<?> handler) {
        for (@Nullable Class<?> type = handler; type != null; type = type.getSuperclass()) {
            if (names.contains(type.getName())) {
                return true;
            }
        }
        return false;
    }
}
