package dev.jloop.core;

import dev.jloop.core.engine.CoroutineEngine;
import dev.jloop.core.engine.Engines;
import dev.jloop.core.spi.EpollPoller;
import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.SelectorPoller;

import org.jspecify.annotations.Nullable;

/// Chooses the poller of a loop that is given none.
final class Pollers {
    private static final String PROPERTY = "jloop.poller";
    private static final String SELECTOR = "selector";
    private static final String EPOLL = "epoll";

    private Pollers() {}

    /// {@return the poller that was given, else the one that the system property asks for, else
    /// that of the JDK}
    static Poller choose(@Nullable Poller given, CoroutineEngine engine) {
        if (given != null) {
            if (given instanceof EpollPoller) {
                checkFitsEpoll(engine);
            }
            return given;
        }
        var name = System.getProperty(PROPERTY, SELECTOR);
        return switch (name) {
            case SELECTOR -> SelectorPoller.open();
            case EPOLL -> {
                checkFitsEpoll(engine);
                yield EpollPoller.open();
            }
            default ->
                    throw new IllegalArgumentException(
                            "unknown poller '"
                                    + name
                                    + "'; "
                                    + PROPERTY
                                    + " takes selector or epoll");
        };
    }

    /// A virtual thread that waits in a system call of ours keeps its carrier, and the JVM has few.
    private static void checkFitsEpoll(CoroutineEngine engine) {
        if (!engine.name().equals(Engines.MOUNTED)) {
            throw new IllegalStateException(
                    "the poller 'epoll' does not fit the coroutine engine '"
                            + engine.name()
                            + "', whose loop is a virtual thread; use the engine 'mounted', or -D"
                            + PROPERTY
                            + "=selector");
        }
    }
}
