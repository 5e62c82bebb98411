package dev.jloop.executor;

import java.util.List;
import java.util.stream.Stream;

/// A process and those below it, as they were at one moment. Finding them blocks for milliseconds.
///
/// The one at the top is signalled first, so that it starts no other ones in the place of those
/// that end. A handle compares when its process was started, so that no other one is met that has
/// got the number since.
final class ProcessTree {
    private final Process top;
    private final List<ProcessHandle> below;

    private ProcessTree(Process top, List<ProcessHandle> below) {
        this.top = top;
        this.below = below;
    }

    static ProcessTree below(Process top) {
        return new ProcessTree(top, top.descendants().toList());
    }

    /// Kills a process and those below it; where these cannot be found, the process alone.
    static void kill(Process top) {
        try {
            below(top).kill();
        } finally {
            top.toHandle().destroyForcibly();
        }
    }

    void terminate() {
        all().forEach(ProcessHandle::destroy);
    }

    void kill() {
        all().forEach(ProcessHandle::destroyForcibly);
    }

    private Stream<ProcessHandle> all() {
        return Stream.concat(Stream.of(top.toHandle()), below.stream());
    }
}
