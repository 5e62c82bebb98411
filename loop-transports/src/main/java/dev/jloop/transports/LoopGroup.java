package dev.jloop.transports;

import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/// Several loops, each on a platform thread of its own, that run the same body: a server that uses
/// all cores. The loops share nothing but the port; the operating system spreads the connections.
///
/// ```java
/// var sharing = ListenOptions.DEFAULTS.withReusePort(true);
/// try (var port = ReservedPort.open(new InetSocketAddress(0))) {
///     LoopGroup.start(4, () -> Net.createServer(Echo::new, port.address(), sharing).serveForever())
///             .join();
/// }
/// ```
///
/// **One for all.** A body that returns ends its loop, and the others go on. A body that fails
/// brings the group down: the others are shut down as [#shutdown(Duration)] does, with the grace of
/// [Builder#withGrace(Duration)], and [#join()] throws the failure. If others fail too, it has
/// their failures as suppressed ones. A body that is cancelled from inside simply ends.
///
/// **Signals.** The first loop sees to SIGINT and SIGTERM, unless another run of this JVM does or
/// [Builder#withSignals(boolean)] says no: the first signal shuts the group down with its grace,
/// and then ends the JVM with 130 or 143; a second one ends it at once. An interrupt of a loop's
/// thread does nothing; an interrupt of a thread in [#join()] ends the waiting alone.
///
/// **Threading:** any thread. The methods that wait must not be called on a loop, which would stand
/// still; there, `LoopFuture.from(group.ended()).await()` waits.
///
/// @since 0.1
public final class LoopGroup implements AutoCloseable {
    /// How a group is made. Immutable; start from [LoopGroup#builder()].
    ///
    /// @since 0.1
    public static final class Builder {
        private final Supplier<? extends EventLoop> loops;
        private final String name;
        private final Duration grace;
        private final boolean signals;

        private Builder(
                Supplier<? extends EventLoop> loops, String name, Duration grace, boolean signals) {
            this.loops = loops;
            this.name = name;
            this.grace = grace;
            this.signals = signals;
        }

        /// {@return this with loops of the caller's own}
        ///
        /// @param loops makes one loop in each call, on the thread that will run it
        public Builder withLoops(Supplier<? extends EventLoop> loops) {
            return new Builder(Objects.requireNonNull(loops, "loops"), name, grace, signals);
        }

        /// {@return this with another name for the threads}
        ///
        /// @param name what comes before `-1`, `-2` and so on; `loop` by default
        public Builder withName(String name) {
            return new Builder(loops, Objects.requireNonNull(name, "name"), grace, signals);
        }

        /// {@return this with another grace for connections when a body fails or a signal comes}
        ///
        /// @param grace how long they may take to end; zero or negative not at all; five seconds by
        ///   default
        public Builder withGrace(Duration grace) {
            return new Builder(loops, name, Objects.requireNonNull(grace, "grace"), signals);
        }

        /// {@return this with a first loop that sees to SIGINT and SIGTERM, or not}
        ///
        /// @param on true, the default, to see to them
        public Builder withSignals(boolean on) {
            return new Builder(loops, name, grace, on);
        }

        /// Starts the group.
        ///
        /// @param count how many loops, at least 1; more than there are processors is of little use
        /// @param body the main coroutine of each loop, in a copy of the caller's context
        /// @return the group, whose bodies run already
        /// @throws IllegalArgumentException if the count is less than 1
        public LoopGroup start(int count, AsyncRunnable body) {
            Objects.requireNonNull(body, "body");
            if (count < 1) {
                throw new IllegalArgumentException("a group needs at least 1 loop, not " + count);
            }
            var group = new LoopGroup(this, count, body);
            group.startThreads();
            return group;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(LoopGroup.class);

    private final Duration grace;
    private final List<GroupMember> members = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    // Guarded by this object.
    private final List<SocketAddress> cut = new ArrayList<>();
    private @Nullable Throwable failure;
    private boolean failureThrown;
    private int running;

    private LoopGroup(Builder builder, int count, AsyncRunnable body) {
        grace = builder.grace;
        running = count;
        var context = Context.copyCurrent();
        for (var number = 1; number <= count; number++) {
            var member =
                    new GroupMember(
                            this,
                            builder.loops,
                            body,
                            context.copy(),
                            builder.signals && number == 1);
            members.add(member);
            threads.add(
                    Thread.ofPlatform().name(builder.name + "-" + number).unstarted(member::run));
        }
    }

    /// Starts a group of ordinary loops: see [Builder#start(int, AsyncRunnable)].
    ///
    /// @param count how many loops, at least 1
    /// @param body the main coroutine of each loop
    /// @return the group, whose bodies run already
    /// @throws IllegalArgumentException if the count is less than 1
    public static LoopGroup start(int count, AsyncRunnable body) {
        return builder().start(count, body);
    }

    /// {@return a builder of groups of ordinary loops}
    public static Builder builder() {
        return new Builder(
                () -> SelectorEventLoop.builder().build(), "loop", Duration.ofSeconds(5), true);
    }

    /// Where the system gives no more threads, those that run already are ended.
    private void startThreads() {
        var started = 0;
        try {
            for (var thread : threads) {
                thread.start();
                started++;
            }
        } finally {
            if (started < threads.size()) {
                for (var missing = started; missing < threads.size(); missing++) {
                    memberEnded();
                }
                close();
            }
        }
    }

    /// {@return the number of loops, ended ones included}
    public int size() {
        return members.size();
    }

    /// {@return a future that completes when all loops have ended, or fails with what a body failed
    /// with} To complete or cancel it has no effect on the group.
    public CompletableFuture<@Nullable Void> ended() {
        return ended.copy();
    }

    /// Waits until all loops have ended.
    ///
    /// @throws InterruptedException if the thread is interrupted; the group goes on
    /// @throws java.util.concurrent.CompletionException if a body threw a checked exception, which
    ///   is its cause; an unchecked one or an error is thrown as it is
    /// @throws IllegalStateException if called on a loop
    public void join() throws InterruptedException {
        checkMayWait("join()");
        awaitThreads();
        throwFailure();
    }

    /// Shuts the group down and waits for its end: on each loop, all servers are shut down as
    /// [Server#shutdown(Duration)] does, then the body is cancelled, if it has not ended by itself,
    /// and its clean-up is awaited. A loop that has not started its body yet never does.
    ///
    /// @param grace how long connections may take to end by themselves; zero or negative not at
    ///   all. Of several shutdowns at a time the shortest grace counts
    /// @return whose connections were cut by this and other shutdowns, on all loops
    /// @throws InterruptedException if the thread is interrupted; the shutdown goes on
    /// @throws java.util.concurrent.CompletionException as [#join()]
    /// @throws IllegalStateException if called on a loop
    public Server.ShutdownReport shutdown(Duration grace) throws InterruptedException {
        checkMayWait("shutdown()");
        beginShutdown(grace);
        awaitThreads();
        throwFailure();
        synchronized (this) {
            return new Server.ShutdownReport(cut);
        }
    }

    /// Starts what [#shutdown(Duration)] does, and returns at once.
    ///
    /// @param grace how long connections may take to end by themselves
    public void beginShutdown(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        members.forEach(member -> member.requestShutdown(grace));
    }

    /// Cuts all connections, cancels the bodies, and waits for their clean-up; does nothing where
    /// all have ended. An interrupt meanwhile is kept for later.
    ///
    /// @throws java.util.concurrent.CompletionException as [#join()], unless that or
    ///   [#shutdown(Duration)] has thrown it already
    /// @throws IllegalStateException if called on a loop
    @Override
    public void close() {
        checkMayWait("close()");
        beginShutdown(Duration.ZERO);
        var interrupted = false;
        while (true) {
            try {
                awaitThreads();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        boolean thrown;
        synchronized (this) {
            thrown = failureThrown;
        }
        if (!thrown) {
            throwFailure();
        }
    }

    private static void checkMayWait(String method) {
        var loop = EventLoop.currentOrNull();
        if (loop != null) {
            throw new IllegalStateException(
                    "LoopGroup."
                            + method
                            + " would stop "
                            + loop
                            + "; await LoopFuture.from(group.ended()) instead");
        }
    }

    private void awaitThreads() throws InterruptedException {
        try {
            ended.get();
        } catch (ExecutionException _) {
            // Thrown below, as what it is.
        }
        for (var thread : threads) {
            thread.join();
        }
    }

    private void throwFailure() {
        Throwable thrown;
        synchronized (this) {
            failureThrown |= failure != null;
            thrown = failure;
        }
        switch (thrown) {
            case null -> {}
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> throw new IllegalStateException(thrown); // a loop throws no other
        }
    }

    // ---- for the members

    Duration grace() {
        return grace;
    }

    synchronized void wereCut(List<SocketAddress> clients) {
        cut.addAll(clients);
    }

    /// Brings the group down.
    void memberFailed(GroupMember member, Throwable newFailure) {
        synchronized (this) {
            if (failure == null) {
                failure = newFailure;
            } else if (failure != newFailure) {
                failure.addSuppressed(newFailure);
            }
        }
        LOG.error(
                "{} of {} failed, so all are shut down",
                threads.get(members.indexOf(member)).getName(),
                this,
                newFailure);
        beginShutdown(grace);
    }

    void memberEnded() {
        Throwable result;
        synchronized (this) {
            running--;
            if (running > 0) {
                return;
            }
            result = failure;
        }
        if (result == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(result);
        }
    }

    /// {@return completes when the bodies of all other members have ended}
    CompletableFuture<Void> othersEnded(GroupMember member) {
        return CompletableFuture.allOf(
                members.stream()
                        .filter(other -> other != member)
                        .map(GroupMember::closed)
                        .toArray(CompletableFuture<?>[]::new));
    }

    @Override
    public synchronized String toString() {
        return "LoopGroup["
                + threads.getFirst().getName()
                + " to "
                + members.size()
                + ", running: "
                + running
                + "]";
    }
}
