package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class CoroutineFramesTest {
    private static final StackTraceElement USER = frame("app.Service", "serve");

    private static StackTraceElement frame(String type, String method) {
        return new StackTraceElement(type, method, null, -1);
    }

    @Test
    void aCoroutineThatStillWakesTheLoopShowsTheUsersFramesOnly() {
        var stack =
                List.of(
                        frame("java.util.concurrent.ForkJoinPool", "signalWork"),
                        frame("java.lang.VirtualThread", "unpark"),
                        frame("java.util.concurrent.locks.LockSupport", "unpark"),
                        frame("dev.jloop.core.engine.BatonCoroutine", "giveBatonToHost"),
                        frame("dev.jloop.core.engine.BatonCoroutine", "suspend"),
                        frame(CoroutineTask.class.getName(), "awaitFuture"),
                        frame(DefaultFuture.class.getName(), "await"),
                        USER,
                        frame(CurrentLoop.class.getName(), "callIn"),
                        frame("dev.jloop.core.engine.BatonCoroutine", "runBody"));

        assertThat(CoroutineFrames.ofSuspended(stack)).containsExactly(USER);
    }

    @Test
    void aPoolOfTheUsersStays() {
        var pool = frame("java.util.concurrent.ForkJoinPool", "invoke");
        var stack =
                List.of(
                        frame("java.lang.VirtualThread", "yield"),
                        frame("dev.jloop.core.engine.MountedCoroutine", "suspend"),
                        frame(DefaultFuture.class.getName(), "await"),
                        USER,
                        pool,
                        frame(CurrentLoop.class.getName(), "callIn"),
                        frame("dev.jloop.core.engine.MountedCoroutine", "run"));

        assertThat(CoroutineFrames.ofSuspended(stack)).containsExactly(USER, pool);
    }
}
