package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The servers of a loop that are open, or closed but with connections left.
final class LiveServers {
    private final Set<StreamServer> servers = new LinkedHashSet<>();

    private LiveServers() {}

    static LiveServers of(EventLoop loop) {
        return loop.service(LiveServers.class, _ -> new LiveServers());
    }

    void add(StreamServer server) {
        servers.add(server);
    }

    void remove(StreamServer server) {
        servers.remove(server);
    }

    List<StreamServer> all() {
        return List.copyOf(servers);
    }
}
