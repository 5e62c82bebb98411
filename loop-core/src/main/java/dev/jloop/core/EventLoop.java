package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/// Runs callbacks, timers, channel events and coroutines, one at a time, on one thread.
///
/// The loop works in turns. A turn takes what is ready, adds the channels that became ready and the
/// timers that are due, in this order, and then runs exactly that; what these callbacks schedule
/// waits for the next turn. Between two await points of a coroutine nothing else of the loop runs.
///
/// **Threading:** a loop and all that belongs to it (handles, futures, tasks, channels) may be used
/// on the loop's own thread only: in callbacks, in coroutines, and by the thread that owns the loop
/// while it does not run. The exceptions are [#callSoonThreadsafe(Runnable)], [#execute(Runnable)],
/// [#isRunning()], [#isClosed()], [#isDebug()], [#time()], [#beginOutsideWork(String)] and
/// [#cancelOnClose(CompletableFuture)]; [#currentTask()] gives null elsewhere. In debug mode a call
/// from a wrong thread throws `WrongThreadException`, which names both threads; without it the
/// effect is undefined.
///
/// Every method that schedules something throws `IllegalStateException` once the loop is closed.
///
/// The semantics are those of Python's `asyncio` event loop.
///
/// @since 0.1
public interface EventLoop extends Executor, AutoCloseable {
    /// {@return the loop that runs on this thread}
    ///
    /// @throws IllegalStateException if no loop runs on this thread
    static EventLoop current() {
        var loop = CurrentLoop.get();
        if (loop == null) {
            throw new IllegalStateException(
                    "no event loop runs on thread "
                            + Threads.describe(Thread.currentThread())
                            + "; call this in a coroutine or a callback, which Async.run starts");
        }
        return loop;
    }

    /// {@return the loop that runs on this thread, or null if none does}
    static @Nullable EventLoop currentOrNull() {
        return CurrentLoop.get();
    }

    /// Runs `callback` on the next turn, after what was scheduled before it, in a copy of the
    /// current context.
    ///
    /// An exception from the callback goes to the exception handler, and the loop goes on.
    ///
    /// @param callback runs at most once, never inside this call
    /// @return a handle that can cancel the callback until it starts
    /// @throws IllegalStateException if the loop is closed
    /// @throws WrongThreadException in debug mode, if another thread calls it
    Handle callSoon(Runnable callback);

    /// Runs `callback` on the next turn, in the given context.
    ///
    /// @param callback runs at most once, never inside this call
    /// @param context used as it is, without a copy
    /// @return a handle that can cancel the callback until it starts
    /// @throws IllegalStateException if the loop is closed
    /// @throws WrongThreadException in debug mode, if another thread calls it
    Handle callSoon(Runnable callback, Context context);

    /// Makes a callback that can be scheduled again and again without a new object each time, as
    /// the path of every message needs it. It is not scheduled yet.
    ///
    /// @param callback runs once for each [RecurringHandle#schedule()] that finds it unscheduled
    /// @param context of all runs; used as it is, without a copy
    /// @return the handle that schedules it
    /// @throws WrongThreadException in debug mode, if another thread calls it
    RecurringHandle recurring(Runnable callback, Context context);

    /// Runs `callback` once `delay` has passed on this loop's clock, never earlier.
    ///
    /// Timers run by deadline, equal deadlines in the order they were scheduled. On the default
    /// poller a sleeping loop wakes up to one millisecond late.
    ///
    /// @param delay time from now; zero or negative is due at once, and still ordered by deadline;
    ///   more than 146 years counts as 146 years
    /// @param callback runs at most once, never inside this call
    /// @return a handle that can cancel the callback until it starts
    /// @throws IllegalStateException if the loop is closed
    /// @throws WrongThreadException in debug mode, if another thread calls it
    TimerHandle callLater(Duration delay, Runnable callback);

    /// Runs `callback` at an absolute time of this loop's clock, as [#callLater(Duration,
    /// Runnable)] does.
    ///
    /// @param deadlineNanos when to run it, in nanoseconds of [#time()]
    /// @param callback runs at most once, never inside this call
    /// @return a handle that can cancel the callback until it starts
    /// @throws IllegalStateException if the loop is closed
    /// @throws WrongThreadException in debug mode, if another thread calls it
    TimerHandle callAt(long deadlineNanos, Runnable callback);

    /// Runs `callback` on the loop's thread, from any thread, and wakes the loop if it sleeps.
    ///
    /// It keeps its place in the one order of callbacks: what [#callSoon(Runnable)] adds later runs
    /// later. It runs in a copy of the context of the calling thread.
    ///
    /// **Threading:** any thread. The handle returned may be cancelled on the loop's thread only.
    ///
    /// @param callback runs at most once, never inside this call
    /// @return a handle that can cancel the callback until it starts
    /// @throws IllegalStateException if the loop is closed. A loop that is closed at the same
    ///   moment may instead drop the callback
    Handle callSoonThreadsafe(Runnable callback);

    /// Runs `command` as [#callSoonThreadsafe(Runnable)] does.
    ///
    /// @param command runs at most once
    /// @throws java.util.concurrent.RejectedExecutionException if the loop is closed
    @Override
    void execute(Runnable command);

    /// {@return the time of this loop's clock, in nanoseconds since an arbitrary origin; it never
    /// goes back}
    long time();

    /// {@return a new pending future of this loop}
    ///
    /// @param <T> the type of its result
    <T extends @Nullable Object> LoopFuture<T> createFuture();

    /// {@return a new pending future of this loop, which says what it stands for} A report of who
    /// waits for what then names that, and not a mere future.
    ///
    /// @param purpose what whoever awaits the future waits for; its `toString` is called when
    ///   somebody looks, which may be often and late. Where it is [dev.jloop.core.spi.Held],
    ///   reports follow it to the task that holds it
    /// @param <T> the type of its result
    <T extends @Nullable Object> LoopFuture<T> createFuture(Object purpose);

    /// Starts a coroutine as a task, with a numbered name.
    ///
    /// Nothing of the body runs inside this call: its first step is taken on the next turn. The
    /// loop holds the task until it is done. An overloaded method reference is ambiguous here;
    /// write a lambda.
    ///
    /// @param body the coroutine
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the loop is closed
    default <T extends @Nullable Object> Task<T> createTask(Callable<T> body) {
        return createTask(body, TaskOptions.DEFAULTS);
    }

    /// Starts a coroutine as a task.
    ///
    /// @param body the coroutine
    /// @param name the task's name
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the loop is closed
    default <T extends @Nullable Object> Task<T> createTask(Callable<T> body, String name) {
        return createTask(body, TaskOptions.DEFAULTS.withName(name));
    }

    /// Starts a coroutine as a task in a given context.
    ///
    /// @param body the coroutine
    /// @param name the task's name
    /// @param context used as it is, without a copy
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the loop is closed
    default <T extends @Nullable Object> Task<T> createTask(
            Callable<T> body, String name, Context context) {
        return createTask(body, TaskOptions.DEFAULTS.withName(name).withContext(context));
    }

    /// Starts a coroutine as a task.
    ///
    /// @param body the coroutine
    /// @param options name, context, eager start
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the loop is closed
    <T extends @Nullable Object> Task<T> createTask(Callable<T> body, TaskOptions options);

    /// Starts a coroutine without a result as a task, with a numbered name.
    ///
    /// @param body the coroutine
    /// @return the task, whose result is null
    /// @throws IllegalStateException if the loop is closed
    @SuppressWarnings(
            "overloads") // a lambda with a value and one without are told apart by their body
    default Task<@Nullable Void> createTask(AsyncRunnable body) {
        return createTask(body, TaskOptions.DEFAULTS);
    }

    /// Starts a coroutine without a result as a task.
    ///
    /// @param body the coroutine
    /// @param name the task's name
    /// @return the task, whose result is null
    /// @throws IllegalStateException if the loop is closed
    @SuppressWarnings("overloads")
    default Task<@Nullable Void> createTask(AsyncRunnable body, String name) {
        return createTask(body, TaskOptions.DEFAULTS.withName(name));
    }

    /// Starts a coroutine without a result as a task.
    ///
    /// @param body the coroutine
    /// @param options name, context, eager start
    /// @return the task, whose result is null
    /// @throws IllegalStateException if the loop is closed
    @SuppressWarnings("overloads")
    default Task<@Nullable Void> createTask(AsyncRunnable body, TaskOptions options) {
        return createTask(Bodies.withoutResult(body), options);
    }

    /// Makes a task as the loop does by itself, passing over the task factory: for task factories.
    ///
    /// @param body the coroutine
    /// @param options name, context, eager start
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the loop is closed
    <T extends @Nullable Object> Task<T> newTask(Callable<T> body, TaskOptions options);

    /// {@return the task whose step is running now, or null in a callback and outside the loop}
    @Nullable Task<?> currentTask();

    /// {@return a snapshot of the tasks that are not done, in the order of their creation}
    Set<Task<?>> allTasks();

    /// Runs turns on this thread until [#stop()].
    ///
    /// On the baton engine, and where the caller is a virtual thread on the mounted engine, the
    /// turns run on a thread of the engine's own while the caller waits.
    ///
    /// @throws IllegalStateException if the loop is closed or running, or another loop runs on this
    ///   thread
    void runForever();

    /// Runs a coroutine as a task until it is done.
    ///
    /// @param body the coroutine
    /// @param <T> the type of its result
    /// @return its result
    /// @throws java.util.concurrent.CompletionException if the body threw a checked exception,
    ///   which is its cause; an unchecked one or an error is thrown as it is
    /// @throws IllegalStateException if the loop is closed or running, another loop runs on this
    ///   thread, or the loop was stopped before the body ended; the task then stays pending
    <T extends @Nullable Object> T runUntilComplete(Callable<T> body);

    /// Runs a coroutine without a result as a task until it is done.
    ///
    /// @param body the coroutine
    /// @throws java.util.concurrent.CompletionException if the body threw a checked exception,
    ///   which is its cause; an unchecked one or an error is thrown as it is
    /// @throws IllegalStateException as for [#runUntilComplete(Callable)]
    @SuppressWarnings("overloads")
    void runUntilComplete(AsyncRunnable body);

    /// Runs turns until `future` is done.
    ///
    /// @param future a future of this loop
    /// @param <T> the type of its result
    /// @return its result
    /// @throws IllegalArgumentException if the future belongs to another loop
    /// @throws java.util.concurrent.CompletionException if the future failed with a checked
    ///   exception, which is its cause; an unchecked one or an error is thrown as it is
    /// @throws IllegalStateException as for [#runUntilComplete(Callable)]
    <T extends @Nullable Object> T runUntilComplete(LoopFuture<T> future);

    /// Lets the running loop return after the turn it is in. Work scheduled meanwhile stays for the
    /// next run. Before a run it limits that run to one turn, which does not wait.
    ///
    /// **Threading:** loop thread; from another use `callSoonThreadsafe(loop::stop)`.
    void stop();

    /// {@return whether a thread is inside a run of this loop} May be asked by any thread.
    boolean isRunning();

    /// {@return whether the loop was closed} May be asked by any thread.
    boolean isClosed();

    /// Closes the loop and all it holds; a second call does nothing.
    ///
    /// Queued callbacks and timers are dropped. Each task that is still pending is reported to the
    /// exception handler and ended with [CancelledError]; so are exceptions that nobody has looked
    /// at. Generators that were left early are closed. Services that are `AutoCloseable` are
    /// closed. Clean-up that has to await belongs before it: see [#onShutdown(AsyncRunnable)].
    ///
    /// @throws IllegalStateException if the loop is running
    @Override
    void close();

    /// Runs `callback` on each turn in which `channel` can be read from; on a listening channel, in
    /// which it can accept. It replaces the reader that was there.
    ///
    /// @param channel a non-blocking channel
    /// @param callback runs again and again, until [#removeReader(SelectableChannel)]
    /// @throws java.nio.channels.IllegalBlockingModeException if the channel is in blocking mode
    /// @throws IllegalStateException if the loop is closed, or the channel belongs to somebody,
    ///   such as a transport: see [#claimChannel(SelectableChannel, Object)]
    /// @throws java.io.UncheckedIOException if the channel cannot be watched, for instance because
    ///   it is closed
    void addReader(SelectableChannel channel, Runnable callback);

    /// Stops what [#addReader(SelectableChannel, Runnable)] started. The channel stays registered
    /// with the loop, without interest, and so cannot be switched to blocking mode.
    ///
    /// @param channel the channel
    /// @return true if there was a reader; false too on a closed loop
    /// @throws IllegalStateException if the channel belongs to somebody, such as a transport
    boolean removeReader(SelectableChannel channel);

    /// Runs `callback` on each turn in which `channel` can be written to; on a connecting channel,
    /// once its connection is made or has failed. It replaces the writer that was there.
    ///
    /// @param channel a non-blocking channel
    /// @param callback runs again and again, until [#removeWriter(SelectableChannel)]
    /// @throws java.nio.channels.IllegalBlockingModeException if the channel is in blocking mode
    /// @throws IllegalStateException if the loop is closed, or the channel belongs to somebody,
    ///   such as a transport: see [#claimChannel(SelectableChannel, Object)]
    /// @throws java.io.UncheckedIOException if the channel cannot be watched, for instance because
    ///   it is closed
    void addWriter(SelectableChannel channel, Runnable callback);

    /// Stops what [#addWriter(SelectableChannel, Runnable)] started.
    ///
    /// @param channel the channel
    /// @return true if there was a writer; false too on a closed loop
    /// @throws IllegalStateException if the channel belongs to somebody, such as a transport
    boolean removeWriter(SelectableChannel channel);

    /// Takes a channel over, until it is closed: from now on only the returned claim can watch it,
    /// and [#addReader(SelectableChannel, Runnable)] and its kin refuse, naming the owner. For
    /// whoever reads or writes the channel alone, such as a transport.
    ///
    /// @param channel a non-blocking channel without a reader or a writer
    /// @param owner whom messages name
    /// @return by which the owner watches the channel
    /// @throws java.nio.channels.IllegalBlockingModeException if the channel is in blocking mode
    /// @throws IllegalStateException if the loop is closed, the channel belongs to somebody
    ///   already, or it has a reader or a writer
    /// @throws java.io.UncheckedIOException if the channel cannot be watched, for instance because
    ///   it is closed
    ChannelClaim claimChannel(SelectableChannel channel, Object owner);

    /// {@return who has claimed a channel, or null where nobody has, or the channel or the loop is
    /// closed}
    ///
    /// @param channel the channel
    @Nullable Object channelOwner(SelectableChannel channel);

    /// Runs `callback` on the loop each time the process gets a signal, in place of what the JVM
    /// does.
    ///
    /// @param signal the name, with or without `SIG`, such as `INT` or `SIGHUP`
    /// @param callback runs once for each signal, as a callback of this loop
    /// @throws IllegalArgumentException if the signal is unknown, or the JVM or the operating
    ///   system keeps it to itself
    /// @throws IllegalStateException if the loop is closed
    /// @throws UnsupportedOperationException if the module `jdk.unsupported` is missing
    void addSignalHandler(String signal, Runnable callback);

    /// Restores what the JVM did with a signal before [#addSignalHandler(String, Runnable)].
    ///
    /// @param signal the name, with or without `SIG`
    /// @return true if there was a handler of this loop
    boolean removeSignalHandler(String signal);

    /// Sets who is told of failures that nobody else will see.
    ///
    /// @param handler the handler, or null for the default one, which logs at level ERROR
    void setExceptionHandler(@Nullable ExceptionHandler handler);

    /// Reports a failure to the exception handler. If the handler throws, the default one is told
    /// of both; if that throws too, it is logged.
    ///
    /// @param context what failed
    void callExceptionHandler(LoopException context);

    /// Sets who makes the tasks of this loop.
    ///
    /// @param factory the factory, or null for the loop itself
    void setTaskFactory(@Nullable TaskFactory factory);

    /// {@return whether debug mode is on}
    boolean isDebug();

    /// Switches debug mode: calls from a wrong thread throw, callbacks and steps that take longer
    /// than the slow-callback duration are logged, and reports say where a handle or task was
    /// created.
    ///
    /// It starts as the system property `jloop.debug` or the environment variable `JLOOP_DEBUG=1`
    /// say.
    ///
    /// @param on true to switch it on
    void setDebug(boolean on);

    /// Sets how long a callback or step may take before debug mode logs it; 100 ms unless set.
    ///
    /// @param threshold a positive time
    /// @throws IllegalArgumentException if it is zero or negative
    void setSlowCallbackDuration(Duration threshold);

    /// Refuses a call from a wrong thread, in debug mode: for modules that keep objects of a loop,
    /// as the first thing in each of their methods. Without debug mode, and while the loop does not
    /// run, it does nothing.
    ///
    /// @param method what was called, for the message
    /// @throws WrongThreadException in debug mode, if the loop runs on another thread
    void checkThread(String method);

    /// {@return the loop's one instance of a service, made on first use}
    ///
    /// By this a module keeps something for each loop: an executor, a network. An instance that is
    /// `AutoCloseable` is closed with the loop.
    ///
    /// @param type the key
    /// @param create makes the instance; it may ask for other services, but not for this one
    /// @param <S> the type of the service
    <S> S service(Class<S> type, Function<? super EventLoop, ? extends S> create);

    /// Puts a service in its place before it is first used, for instance a simulated network in a
    /// test.
    ///
    /// @param type the key
    /// @param instance the service
    /// @param <S> the type of the service
    /// @throws IllegalStateException if the loop has an instance already
    <S> void provideService(Class<S> type, S instance);

    /// Adds a coroutine that [Runner] runs before it closes the loop, after all tasks have ended.
    /// The last one added runs first.
    ///
    /// @param hook the coroutine; what it throws is reported
    void onShutdown(AsyncRunnable hook);

    /// Runs and forgets the hooks of [#onShutdown(AsyncRunnable)], one after the other. [Runner]
    /// calls it; who drives a loop by hand calls it in a coroutine before [#close()]. Suspends.
    void runShutdownHooks();

    /// Closes all generators that have begun and not ended, at the same time, and waits for their
    /// clean-up: see [Async#generate(Generator)]. [Runner] calls it, before the hooks of
    /// [#onShutdown(AsyncRunnable)]; who drives a loop by hand calls it in a coroutine before
    /// [#close()]. **Suspends.**
    ///
    /// A failure in the clean-up goes to the exception handler, with what [Async#generate] returned
    /// under the key `generator`. A task that is waiting for an item gets [CancelledError]. Who
    /// starts a generator after this is warned in the log.
    ///
    /// @throws IllegalStateException if not called in a coroutine of this loop, or called in a
    ///   generator, which would wait for its own end
    /// @throws CancelledError if the task is cancelled meanwhile; so is the clean-up then
    void shutdownAsyncGenerators();

    /// Says that work goes on outside the loop that will come back by
    /// [#callSoonThreadsafe(Runnable)]. A loop on a virtual clock lets no time pass meanwhile, and
    /// does not take the silence for a deadlock.
    ///
    /// **Threading:** any thread.
    ///
    /// @param description what goes on, for reports
    /// @return ends it; closing it twice is harmless, and any thread may do it
    OutsideWork beginOutsideWork(String description);

    /// Cancels `future` when the loop closes, unless it is done by then; at once if the loop is
    /// closed. For what other threads wait for and the loop was to complete.
    ///
    /// **Threading:** any thread.
    ///
    /// @param future what other threads wait for
    void cancelOnClose(CompletableFuture<?> future);

    /// Work outside the loop. Closing it says that the work has ended.
    interface OutsideWork extends AutoCloseable {
        /// Says that the work has ended and that its result, if any, was submitted to the loop.
        @Override
        void close();
    }
}
