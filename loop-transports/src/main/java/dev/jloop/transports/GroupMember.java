package dev.jloop.transports;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.CancelledError;
import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Runner;
import dev.jloop.core.Task;
import dev.jloop.core.TaskOptions;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/// One loop of a [LoopGroup], on its own thread.
final class GroupMember {
    private final LoopGroup group;
    private final Supplier<? extends EventLoop> loops;
    private final AsyncRunnable body;
    private final Context context;
    private final boolean signals;
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();

    // Confined to the loop's thread.
    private final List<Task<?>> shutdowns = new ArrayList<>();
    private final Map<Server, Server.ShutdownReport> reports = new LinkedHashMap<>();
    private boolean ending;
    private @Nullable Throwable failure;
    private @Nullable Task<?> bodyTask;

    // Guarded by this object.
    private @Nullable EventLoop loop;
    private boolean mayStart = true;

    GroupMember(
            LoopGroup group,
            Supplier<? extends EventLoop> loops,
            AsyncRunnable body,
            Context context,
            boolean signals) {
        this.group = group;
        this.loops = loops;
        this.body = body;
        this.context = context;
        this.signals = signals;
    }

    CompletableFuture<@Nullable Void> closed() {
        return closed;
    }

    void run() {
        try (var runner = new Runner(loops).handleSignals(signals)) {
            runner.run(this::supervise);
        } catch (CancelledError _) {
            // Ended by the group, by itself, or by a signal.
        } catch (Throwable newFailure) {
            fail(newFailure);
        } finally {
            closed.complete(null);
            group.memberEnded();
        }
    }

    /// The main coroutine. A signal cancels it, and not the body, so that the body is ended as in
    /// any other shutdown, and the JVM ends after all loops have cleaned up.
    private void supervise() {
        var current = EventLoop.current();
        synchronized (this) {
            if (!mayStart) {
                return;
            }
            loop = current;
        }
        var options = TaskOptions.DEFAULTS.withName("body").withContext(context);
        var running = current.createTask(body, options);
        bodyTask = running;
        try {
            Async.waitAll(List.of(running));
        } catch (CancelledError signal) {
            group.beginShutdown(group.grace());
            Async.waitAll(List.of(running));
            endShutdowns();
            LoopFuture.from(group.othersEnded(this)).await();
            throw signal;
        }
        endShutdowns();
        try {
            running.await();
        } catch (CancelledError cancelled) {
            throw cancelled;
        } catch (Throwable newFailure) {
            fail(newFailure); // at once, before the clean-up of this loop
            throw newFailure;
        }
    }

    /// Further ones may come as long as one is under way, with less grace.
    private void endShutdowns() {
        while (shutdowns.stream().anyMatch(shutdown -> !shutdown.isDone())) {
            Async.waitAll(List.copyOf(shutdowns));
        }
        ending = true;
        reports.values().forEach(report -> group.wereCut(report.cut()));
    }

    private void fail(Throwable newFailure) {
        if (failure != newFailure) {
            failure = newFailure;
            group.memberFailed(this, newFailure);
        }
    }

    /// On any thread.
    void requestShutdown(Duration grace) {
        EventLoop target;
        synchronized (this) {
            mayStart = false;
            target = loop;
        }
        if (target == null) {
            return;
        }
        try {
            target.execute(() -> {
                if (!ending) {
                    shutdowns.add(target.createTask(() -> shutDown(grace), "shutdown"));
                }
            });
        } catch (RejectedExecutionException closedMeanwhile) {
            // Then there is nothing left to shut down.
        }
    }

    private void shutDown(Duration grace) {
        try {
            shutDownServers(grace);
        } finally {
            if (bodyTask != null && bodyTask.cancel("the group shuts down")) {
                // Those that the body has made meanwhile, so that it need not wait for their
                // clients.
                shutDownServers(Duration.ZERO);
            }
        }
    }

    private void shutDownServers(Duration grace) {
        var ends = new ArrayList<Task<?>>();
        for (var server : LiveServers.of(EventLoop.current()).all()) {
            ends.add(
                    Async.createTask(
                            () -> {
                                reports.put(server, server.shutdown(grace));
                            },
                            "shutdown of " + server));
        }
        if (!ends.isEmpty()) {
            Async.waitAll(ends);
        }
        ends.forEach(LoopFuture::await);
    }
}
