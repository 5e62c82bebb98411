package dev.jloop.core;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.management.ManagementFactory;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What is known from outside of a loop that is not closed, without keeping it alive: this JVM's
/// list of loops, the MXBean of a loop that runs for longer than a moment, and the report of one
/// that nobody can close any more.
final class OpenLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final Set<OpenLoop> ALL = ConcurrentHashMap.newKeySet();

    /// Since the watchdog has seen it running first. To make the JVM's MBean server takes a tenth
    /// of a second, which a short program need not pay.
    static final Duration BEFORE_REGISTRATION = Duration.ofSeconds(1);

    private enum Registration {
        NEVER_SEEN,
        SEEN_RUNNING,
        ASKED_FOR
    }

    private final WeakReference<SelectorEventLoop> loop;
    private final String name;
    private final @Nullable Throwable createdAt;
    private final Cleaner.Cleanable whenUnreachable;
    private volatile boolean hasRun;
    private boolean closed;

    /// Of the watchdog, as is the next.
    private Registration registration = Registration.NEVER_SEEN;

    private long firstSeenNanos;

    private @Nullable LoopBean bean;

    /// Last in the constructor of a loop: one that was not made is not reported.
    OpenLoop(SelectorEventLoop loop) {
        this.loop = new WeakReference<>(loop);
        name = loop.name();
        createdAt = loop.creationSite(null);
        whenUnreachable = UnretrievedFailures.CLEANER.register(loop, this::loopIsUnreachable);
    }

    /// {@return the loops of this JVM that have run and are not closed}
    static List<SelectorEventLoop> all() {
        return ALL.stream().map(open -> open.loop.get()).filter(Objects::nonNull).toList();
    }

    /// The loop runs, for the first time or again.
    void runs() {
        if (!hasRun) {
            hasRun = true;
            ALL.add(this);
        }
    }

    /// The watchdog has seen the loop running. On its thread.
    void seenRunning(long nowNanos) {
        switch (registration) {
            case NEVER_SEEN -> {
                firstSeenNanos = nowNanos;
                registration = Registration.SEEN_RUNNING;
            }
            case SEEN_RUNNING -> {
                if (nowNanos - firstSeenNanos >= BEFORE_REGISTRATION.toNanos()) {
                    registration = Registration.ASKED_FOR;
                    ManagementFactory.getPlatformMBeanServer(); // slow; outside close()'s lock
                    register();
                }
            }
            case ASKED_FOR -> {}
        }
    }

    private synchronized void register() {
        if (!closed && bean == null) {
            bean = LoopBean.register(loop, name);
        }
    }

    void closed() {
        if (forget()) {
            whenUnreachable.clean();
        }
    }

    /// On the cleaner's thread, or at once inside [#closed()].
    private void loopIsUnreachable() {
        if (forget()) {
            LOG.warn(
                    "{} was never closed, and is gone with its selector still open; close each"
                            + " loop, or let Async.run or a Runner do so{}",
                    name,
                    createdAt == null ? " (debug mode tells where it was created)" : "",
                    createdAt);
        }
    }

    private synchronized boolean forget() {
        if (closed) {
            return false;
        }
        closed = true;
        ALL.remove(this);
        if (bean != null) {
            bean.unregister();
            bean = null;
        }
        return true;
    }
}
