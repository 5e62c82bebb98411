package dev.jloop.executor;

import dev.jloop.core.EventLoop;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The children of a loop that have not exited: they do not outlive it.
final class LiveChildren implements AutoCloseable {
    private final Set<ChildProcess> children = new LinkedHashSet<>();

    private LiveChildren() {}

    static LiveChildren of(EventLoop loop) {
        return loop.service(LiveChildren.class, _ -> new LiveChildren());
    }

    void add(ChildProcess child) {
        if (!child.hasEnded()) {
            children.add(child);
        }
    }

    void remove(ChildProcess child) {
        children.remove(child);
    }

    @Override
    public void close() {
        List.copyOf(children).forEach(ChildProcess::closeWithLoop);
        children.clear();
    }
}
