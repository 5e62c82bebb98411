package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/// The transports and servers of a loop that have not ended, and the buffers that it has lent and
/// nobody has released: reported and closed with the loop, so that none is lost without a word.
final class OpenResources implements AutoCloseable {
    /// What does not outlive its loop.
    @FunctionalInterface
    interface Resource {
        /// Reports it, if it was forgotten, and closes it, where no callback will run any more.
        void closeWithLoop();
    }

    private final EventLoop loop;
    private final Set<Resource> resources = new LinkedHashSet<>();
    private final RetainedBuffers retained;

    private OpenResources(EventLoop loop) {
        this.loop = loop;
        retained = new RetainedBuffers(loop);
    }

    static OpenResources of(EventLoop loop) {
        return loop.service(OpenResources.class, OpenResources::new);
    }

    /// {@return the buffers that these have lent and somebody has retained}
    RetainedBuffers retained() {
        return retained;
    }

    void add(Resource resource) {
        resources.add(resource);
    }

    void remove(Resource resource) {
        resources.remove(resource);
    }

    /// Closes all, also where one of them fails.
    @Override
    public void close() {
        for (var resource : new ArrayList<>(resources)) {
            try {
                resource.closeWithLoop();
            } catch (RuntimeException failure) {
                loop.callExceptionHandler(
                        LoopException.of("cannot close " + resource + " with its loop", failure));
            }
        }
        resources.clear();
        // What was queued to be sent has been released by now.
        retained.reportAll();
    }
}
