package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/// The transports and servers of a loop that have not ended: reported and closed with the loop, so
/// that none is lost without a word.
final class OpenResources implements AutoCloseable {
    private final Set<StreamTransport> transports = new LinkedHashSet<>();
    private final Set<StreamServer> servers = new LinkedHashSet<>();

    static OpenResources of(EventLoop loop) {
        return loop.service(OpenResources.class, _ -> new OpenResources());
    }

    void add(StreamTransport transport) {
        transports.add(transport);
    }

    void remove(StreamTransport transport) {
        transports.remove(transport);
    }

    void add(StreamServer server) {
        servers.add(server);
    }

    void remove(StreamServer server) {
        servers.remove(server);
    }

    @Override
    public void close() {
        new ArrayList<>(servers).forEach(StreamServer::closeWithLoop);
        new ArrayList<>(transports).forEach(StreamTransport::closeWithLoop);
        transports.clear();
    }
}
