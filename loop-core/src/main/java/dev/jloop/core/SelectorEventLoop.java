package dev.jloop.core;

import dev.jloop.core.engine.CoroutineEngine;
import dev.jloop.core.engine.Engines;
import dev.jloop.core.spi.Clock;
import dev.jloop.core.spi.FaultRules;
import dev.jloop.core.spi.LoopObserver;
import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// The event loop on a `java.nio` selector. Make one with [#builder()]; extend it to change how a
/// turn runs.
///
/// @since 0.1
@SuppressWarnings("this-escape") // the parts keep a reference to their loop, and do not use it yet
public class SelectorEventLoop implements EventLoop {
    private static final AtomicInteger CREATED = new AtomicInteger();

    private final int number = CREATED.incrementAndGet();
    private final Lifecycle lifecycle = new Lifecycle(this);
    private final CoroutineEngine engine;
    private final Agenda agenda;
    private final Execution execution = new Execution(this);
    private final ChannelWatches channels;
    private final SignalHandlers signals = new SignalHandlers(this);
    private final Services services = new Services(this);
    private final LiveTasks liveTasks = new LiveTasks();
    private final boolean carryMdc;
    private final @Nullable FaultRules faultRules;
    private final Generators generators;
    private final Closing closing;
    private final StageFutures stageFutures = new StageFutures(this);
    private final Failures failures = new Failures(this);
    private final UnretrievedFailures unretrievedFailures;
    private final Instrumentation instrumentation;
    private final Progress progress = new Progress();
    private final CollectionSign collection = new CollectionSign();
    private final AtomicInteger outsideWork = new AtomicInteger();
    private final ShutdownHooks shutdownHooks = new ShutdownHooks(this);
    private @Nullable TaskFactory taskFactory;
    private final OpenLoop openLoop;
    private boolean stopping;
    private long tasksNamed;
    private long tasksCreated;

    /// A loop with the parts that `builder` holds, for subclasses.
    ///
    /// @param builder the parts; one builder serves for one loop where it was given a poller or a
    ///   queue
    protected SelectorEventLoop(Builder builder) {
        engine =
                Engines.choose(
                        builder.engine == null
                                ? System.getProperty(Engines.PROPERTY)
                                : builder.engine);
        var poller = Pollers.choose(builder.poller, engine);
        var ready = builder.readyQueue == null ? new FifoReadyQueue() : builder.readyQueue;
        agenda = new Agenda(builder.clock, poller, ready);
        channels = new ChannelWatches(this, poller, ready);
        instrumentation = new Instrumentation(this, builder.observers, builder.debug);
        carryMdc = builder.carryMdc;
        faultRules = builder.faultRules;
        if (faultRules != null) {
            Fault.arm();
        }
        generators = new Generators(this, builder.closeUnreachableGenerators);
        unretrievedFailures = new UnretrievedFailures(this, builder.reportUnreachableFailures);
        closing = new Closing(this, liveTasks, generators);
        openLoop = new OpenLoop(this);
    }

    /// {@return a builder with the parts of an ordinary loop}
    public static Builder builder() {
        return new Builder();
    }

    // ---- turns

    /// Runs one turn: waits for work unless there is some, adds channels that are ready and timers
    /// that are due, and runs what is ready then. May be overridden, to act before and after each
    /// turn.
    protected void runOnce() {
        instrumentation.turnStarted(agenda.startTurn(!stopping));
        if (agenda.hasPolled() && collection.wasGiven()) {
            execution.renew();
            agenda.renew();
        }
        var event = FlightEvents.beginTurn();
        var outer = execution.replaceContext(null); // that of a subclass, around the turn
        var ran = 0;
        try {
            for (var callback = agenda.next(); callback != null; callback = agenda.next()) {
                ran++;
                run(callback);
            }
        } finally {
            execution.replaceContext(outer);
            execution.callbacksEnd();
            progress.end();
        }
        FlightEvents.endTurn(event, this, ran);
        instrumentation.turnEnded(ran);
    }

    private void run(Runnable callback) {
        progress.begin();
        execution.callbackStarts(callback);
        if (instrumentation.isTiming()) {
            instrumentation.time(callback);
        } else {
            callback.run();
        }
    }

    /// Takes leave of a task whose body has ended.
    ///
    /// @return the error that ended the task and has to end the run too, or null
    @Nullable Throwable settle(CoroutineTask<?> task) {
        if (task instanceof GeneratorRun<?>) {
            return task.settle(); // no task of the user's
        }
        liveTasks.remove(task);
        var fatal = task.settle();
        instrumentation.taskEnded(task);
        return fatal;
    }

    // ---- scheduling

    @Override
    public Handle callSoon(Runnable callback) {
        Objects.requireNonNull(callback, "callback");
        checkThread("callSoon");
        return enqueueCallback(callback, Context.copyForCallback(this));
    }

    @Override
    public Handle callSoon(Runnable callback, Context context) {
        Objects.requireNonNull(callback, "callback");
        Objects.requireNonNull(context, "context");
        checkThread("callSoon");
        return enqueueCallback(callback, context);
    }

    private Handle enqueueCallback(Runnable callback, ContextCopy context) {
        var handle = new ScheduledCallback(this, callback, context);
        enqueue(handle);
        return handle;
    }

    @Override
    public RecurringHandle recurring(Runnable callback, Context context) {
        Objects.requireNonNull(callback, "callback");
        Objects.requireNonNull(context, "context");
        checkThread("recurring");
        return new RecurringCallback(this, callback, context);
    }

    /// {@return a number that changes whenever everything that was queued is dropped}
    long queueEra() {
        return agenda.era();
    }

    /// Queues something of the loop's own.
    void enqueue(Runnable callback) {
        checkOpen();
        agenda.add(callback);
    }

    @Override
    public TimerHandle callLater(Duration delay, Runnable callback) {
        Objects.requireNonNull(delay, "delay");
        return callAt(agenda.deadlineAfter(delay), callback);
    }

    /// {@return the time `delay` from now on this loop's clock, without overflow}
    long deadlineAfter(Duration delay) {
        return agenda.deadlineAfter(delay);
    }

    @Override
    public TimerHandle callAt(long deadlineNanos, Runnable callback) {
        Objects.requireNonNull(callback, "callback");
        checkThread("callAt");
        checkOpen();
        return agenda.addTimer(this, callback, Context.copyForCallback(this), deadlineNanos);
    }

    @Override
    public Handle callSoonThreadsafe(Runnable callback) {
        Objects.requireNonNull(callback, "callback");
        checkOpen();
        var context = Context.copyForCallback(this);
        if (execution.runsOn(Thread.currentThread())) {
            return enqueueCallback(callback, context);
        }
        var handle = new SubmittedCallback(this, callback, context);
        agenda.submit(handle);
        return handle;
    }

    @Override
    public void execute(Runnable command) {
        try {
            callSoonThreadsafe(command);
        } catch (IllegalStateException closed) {
            throw new RejectedExecutionException(closed.getMessage(), closed);
        }
    }

    /// For results that come from other threads: where the loop has closed, nobody waits for them.
    void submitUnlessClosed(Runnable callback) {
        if (!isClosed()) {
            agenda.submit(new SubmittedCallback(this, callback, Context.empty()));
        }
    }

    @Override
    public final long time() {
        return agenda.now();
    }

    /// {@return the time, or within a run that of a moment ago: see [Agenda#recentTime()]}
    long recentTime() {
        return execution.hostThread() == null ? agenda.now() : agenda.recentTime();
    }

    @Override
    public final <T extends @Nullable Object> LoopFuture<T> createFuture() {
        checkThread("createFuture");
        return new DefaultFuture<>(this);
    }

    @Override
    public final <T extends @Nullable Object> LoopFuture<T> createFuture(Object purpose) {
        checkThread("createFuture");
        return new DefaultFuture<>(this, Objects.requireNonNull(purpose, "purpose"));
    }

    // ---- tasks

    @Override
    public <T extends @Nullable Object> Task<T> createTask(Callable<T> body, TaskOptions options) {
        return taskFactory == null
                ? newTask(body, options)
                : Objects.requireNonNull(
                        taskFactory.create(this, body, options), "the task factory gave null");
    }

    @Override
    public final <T extends @Nullable Object> Task<T> newTask(
            Callable<T> body, TaskOptions options) {
        Objects.requireNonNull(body, "body");
        Objects.requireNonNull(options, "options");
        checkThread("createTask");
        checkOpen();
        var name = options.name() == null ? "Task-" + ++tasksNamed : options.name();
        var given = options.context();
        var context = given == null ? Context.copyForCallback(this) : given;
        var task = new CoroutineTask<>(this, nextTaskId(), body, name, context);
        liveTasks.add(task);
        instrumentation.taskCreated(task);
        if (options.eagerStart() && execution.runsOn(Thread.currentThread())) {
            execution.startEagerly(task);
        } else {
            enqueue(task);
        }
        return task;
    }

    /// {@return how many callbacks and steps of tasks are ready to run, cancelled ones and
    /// submissions of other threads included, without what runs at this moment} For subclasses, on
    /// the thread that owns the loop.
    protected final int readyCallbacks() {
        checkThread("readyCallbacks");
        return agenda.queued();
    }

    /// {@return who decides what fault points do here, or null}
    @Nullable FaultRules faultRules() {
        return faultRules;
    }

    /// {@return a number that no other coroutine of this loop has}
    long nextTaskId() {
        return ++tasksCreated;
    }

    @Override
    public final @Nullable Task<?> currentTask() {
        var running = execution.runsOn(Thread.currentThread()) ? execution.task() : null;
        return running == null ? null : running.onBehalfOf();
    }

    @Override
    public final Set<Task<?>> allTasks() {
        checkThread("allTasks");
        return Collections.unmodifiableSet(liveTasks.snapshot());
    }

    // ---- running

    @Override
    public void runForever() {
        lifecycle.runStarts();
        try {
            engine.host(() -> execution.host(this::runTurns));
        } finally {
            lifecycle.runEnds();
        }
    }

    private void runTurns() {
        openLoop.runs();
        Watchdog.shared().loopStarted(this);
        agenda.startRun();
        try {
            do {
                runOnce();
            } while (!stopping);
        } finally {
            Watchdog.shared().loopStopped(this);
            stopping = false;
        }
    }

    @Override
    public <T extends @Nullable Object> T runUntilComplete(Callable<T> body) {
        lifecycle.checkCanRun();
        return runUntilComplete(createTask(body));
    }

    @Override
    @SuppressWarnings("overloads")
    public void runUntilComplete(AsyncRunnable body) {
        runUntilComplete(Bodies.withoutResult(body));
    }

    @Override
    public <T extends @Nullable Object> T runUntilComplete(LoopFuture<T> future) {
        Objects.requireNonNull(future, "future");
        if (future.loop() != this) {
            throw new IllegalArgumentException(
                    future + " belongs to " + future.loop() + ", not to " + this);
        }
        lifecycle.checkCanRun();
        var stop = new StopWhenDone<T>(this);
        future.addDoneCallback(stop);
        try {
            runForever();
        } catch (Throwable stopped) {
            Futures.markRetrieved(future); // what comes out here is what a failed task would tell
            throw stopped;
        } finally {
            stop.runIsOver();
            future.removeDoneCallback(stop);
        }
        if (!future.isDone()) {
            throw new IllegalStateException(this + " was stopped before " + future + " was done");
        }
        return future.result();
    }

    @Override
    public void stop() {
        checkThread("stop");
        stopping = true;
    }

    @Override
    public final boolean isRunning() {
        return lifecycle.isRunning();
    }

    @Override
    public final boolean isClosed() {
        return lifecycle.isClosed();
    }

    @Override
    public void close() {
        if (lifecycle.closingStarts()) {
            closeIdle();
        }
    }

    private void closeIdle() {
        try {
            endPendingTasks();
            services.close();
            stageFutures.close();
            unretrievedFailures.reportAll();
        } finally {
            signals.close();
            lifecycle.closingEnds();
            openLoop.closed();
            closeAgenda();
        }
    }

    private void endPendingTasks() {
        if (liveTasks.isEmpty() && generators.isEmpty()) {
            return;
        }
        agenda.clear();
        stopping = true; // no turn waits
        engine.host(() -> execution.host(() -> closing.endTasks(this::runOnce)));
    }

    private void closeAgenda() {
        try {
            agenda.close();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot close the poller of " + this, failure);
        }
    }

    Generators generators() {
        return generators;
    }

    Closing closing() {
        return closing;
    }

    // ---- channels and signals

    @Override
    public void addReader(SelectableChannel channel, Runnable callback) {
        Objects.requireNonNull(channel, "channel");
        checkMayWatch("addReader");
        channels.addReader(channel, Objects.requireNonNull(callback, "callback"), null);
    }

    @Override
    public boolean removeReader(SelectableChannel channel) {
        Objects.requireNonNull(channel, "channel");
        checkThread("removeReader");
        return !isClosed() && channels.removeReader(channel, null);
    }

    @Override
    public void addWriter(SelectableChannel channel, Runnable callback) {
        Objects.requireNonNull(channel, "channel");
        checkMayWatch("addWriter");
        channels.addWriter(channel, Objects.requireNonNull(callback, "callback"), null);
    }

    @Override
    public boolean removeWriter(SelectableChannel channel) {
        Objects.requireNonNull(channel, "channel");
        checkThread("removeWriter");
        return !isClosed() && channels.removeWriter(channel, null);
    }

    @Override
    public ChannelClaim claimChannel(SelectableChannel channel, Object owner) {
        Objects.requireNonNull(channel, "channel");
        checkMayWatch("claimChannel");
        return channels.claim(channel, Objects.requireNonNull(owner, "owner"));
    }

    @Override
    public @Nullable Object channelOwner(SelectableChannel channel) {
        Objects.requireNonNull(channel, "channel");
        checkThread("channelOwner");
        return isClosed() ? null : channels.ownerOf(channel);
    }

    void checkMayWatch(String method) {
        checkThread(method);
        checkOpen();
    }

    @Override
    public void addSignalHandler(String signal, Runnable callback) {
        Objects.requireNonNull(signal, "signal");
        checkThread("addSignalHandler");
        checkOpen();
        signals.add(signal, Objects.requireNonNull(callback, "callback"));
    }

    @Override
    public boolean removeSignalHandler(String signal) {
        Objects.requireNonNull(signal, "signal");
        checkThread("removeSignalHandler");
        return signals.remove(signal);
    }

    // ---- failures, debug mode, services

    @Override
    public void setExceptionHandler(@Nullable ExceptionHandler handler) {
        checkThread("setExceptionHandler");
        failures.setHandler(handler);
    }

    @Override
    public void callExceptionHandler(LoopException context) {
        checkThread("callExceptionHandler");
        failures.report(context);
    }

    Failures failures() {
        return failures;
    }

    StageFutures stageFutures() {
        return stageFutures;
    }

    UnretrievedFailures unretrievedFailures() {
        return unretrievedFailures;
    }

    @Override
    public void setTaskFactory(@Nullable TaskFactory factory) {
        checkThread("setTaskFactory");
        taskFactory = factory;
    }

    @Override
    public boolean isDebug() {
        return instrumentation.isDebug();
    }

    @Override
    public void setDebug(boolean on) {
        checkThread("setDebug");
        instrumentation.setDebug(on);
    }

    @Override
    public void setSlowCallbackDuration(Duration threshold) {
        checkThread("setSlowCallbackDuration");
        instrumentation.setSlowCallbackDuration(Objects.requireNonNull(threshold, "threshold"));
    }

    /// {@return where the caller was called from, in debug mode}
    ///
    /// @param subject the callback that is scheduled, or what the future is for; null where nobody
    ///   has said so
    @Nullable Throwable creationSite(@Nullable Object subject) {
        return instrumentation.isDebug() && (subject == null || keepsCreationSite(subject))
                ? new Throwable("created here")
                : null;
    }

    /// Says whether debug mode keeps where a callback was scheduled or a future was created, which
    /// costs about two microseconds each time: all of them, unless a subclass knows of some that
    /// nobody will ask about. Must not suspend.
    ///
    /// @param subject the callback, or what the future was created for, see
    ///   [EventLoop#createFuture(Object)]
    /// @return whether to keep it
    protected boolean keepsCreationSite(Object subject) {
        return true;
    }

    @Override
    public <S> S service(Class<S> type, Function<? super EventLoop, ? extends S> create) {
        checkThread("service");
        checkOpen();
        return services.get(type, create);
    }

    @Override
    public <S> void provideService(Class<S> type, S instance) {
        checkThread("provideService");
        checkOpen();
        services.provide(type, instance);
    }

    @Override
    public void onShutdown(AsyncRunnable hook) {
        checkThread("onShutdown");
        checkOpen();
        shutdownHooks.add(Objects.requireNonNull(hook, "hook"));
    }

    @Override
    public void runShutdownHooks() {
        checkThread("runShutdownHooks");
        shutdownHooks.run();
    }

    @Override
    public void shutdownAsyncGenerators() {
        checkThread("shutdownAsyncGenerators");
        generators.shutdown();
    }

    @Override
    public OutsideWork beginOutsideWork(String description) {
        return new OutsideWorkToken(outsideWork, description);
    }

    @Override
    public void cancelOnClose(CompletableFuture<?> future) {
        stageFutures.add(Objects.requireNonNull(future, "future"));
        if (isClosed()) {
            stageFutures.close(); // it has looked before this one came
        }
    }

    /// {@return how much work goes on outside the loop that will come back to it; any thread may
    /// ask}
    protected final int outsideWorkCount() {
        return outsideWork.get();
    }

    LiveTasks liveTasks() {
        return liveTasks;
    }

    OpenLoop openLoop() {
        return openLoop;
    }

    /// {@return how many turns were begun; any thread may ask}
    long turnCount() {
        return agenda.turns();
    }

    int number() {
        return number;
    }

    /// {@return what [#toString()] gives unless a subclass overrides that}
    String name() {
        var type = getClass().getSimpleName();
        return (type.isEmpty() ? "SelectorEventLoop" : type) + "-" + number; // empty: anonymous
    }

    /// {@return what runs} Any thread may ask; exact while the loop is stuck.
    @Nullable Runnable running() {
        return execution.callback();
    }

    Progress progress() {
        return progress;
    }

    long stallThresholdNanos() {
        return instrumentation.stallThresholdNanos();
    }

    Execution execution() {
        return execution;
    }

    /// {@return the thread whose stack shows what the loop does at this moment: that of the
    /// coroutine whose step is on, or otherwise the loop's; null while it does not run} For loops
    /// that watch themselves from another thread. Any thread may ask, and the answer may be out of
    /// date when it comes.
    protected final @Nullable Thread busyThread() {
        return execution.busyThread();
    }

    boolean carriesMdc() {
        return carryMdc;
    }

    /// {@return `context`, which carries the MDC from now on if that is what the loop does}
    <C extends ContextCopy> C withMdc(C context) {
        if (carryMdc) {
            context.toContext().carryMdc();
        }
        return context;
    }

    /// {@return the name of the coroutine engine of this loop: `mounted` or `baton`} On `baton` the
    /// loop itself runs on a virtual thread, and needs one of the JVM's few carriers for that. Any
    /// thread may ask.
    public final String engineName() {
        return engine.name();
    }

    CoroutineEngine engine() {
        return engine;
    }

    // ---- checks

    @Override
    public final void checkThread(String method) {
        if (instrumentation.isDebug()) {
            Misuse.checkThread(this, execution, method);
        }
    }

    void checkOpen() {
        lifecycle.checkOpen();
    }

    @Override
    public String toString() {
        return name();
    }

    /// The parts of a loop. Each has a default.
    ///
    /// @since 0.1
    public static final class Builder {
        private Clock clock = new SystemClock();
        private @Nullable Poller poller;
        private @Nullable ReadyQueue readyQueue;
        private @Nullable String engine;
        private final List<LoopObserver> observers = new ArrayList<>();
        private boolean debug = Instrumentation.debugByDefault();
        private boolean closeUnreachableGenerators = true;
        private boolean reportUnreachableFailures = true;
        private boolean carryMdc = Mdc.isCarriedByDefault();
        private @Nullable FaultRules faultRules;

        Builder() {}

        /// Sets the clock; the default is monotonic real time.
        ///
        /// @param value the clock
        /// @return this builder
        public Builder clock(Clock value) {
            clock = Objects.requireNonNull(value, "clock");
            return this;
        }

        /// Sets the poller; the default is what the system property `jloop.poller` says, `selector`
        /// or `epoll`, else a `java.nio` selector: see [dev.jloop.core.spi.EpollPoller]. The loop
        /// closes it.
        ///
        /// @param value the poller
        /// @return this builder
        public Builder poller(Poller value) {
            poller = Objects.requireNonNull(value, "poller");
            return this;
        }

        /// Sets the queue of ready callbacks; the default is first in, first out.
        ///
        /// @param value the queue
        /// @return this builder
        public Builder readyQueue(ReadyQueue value) {
            readyQueue = Objects.requireNonNull(value, "readyQueue");
            return this;
        }

        /// Adds an observer. There may be several; they are told in the order they were added.
        ///
        /// @param value the observer
        /// @return this builder
        public Builder observer(LoopObserver value) {
            observers.add(Objects.requireNonNull(value, "observer"));
            return this;
        }

        /// Switches debug mode; see [EventLoop#setDebug(boolean)].
        ///
        /// @param on true to switch it on
        /// @return this builder
        public Builder debug(boolean on) {
            debug = on;
            return this;
        }

        /// Says whether a generator that was left early is closed once the garbage collector has
        /// found that nobody can use it any more; it is, unless switched off. Otherwise it is
        /// closed by [EventLoop#shutdownAsyncGenerators()], as all that are left then, so that a
        /// run does not depend on the garbage collector.
        ///
        /// @param on false to keep such generators until the shutdown
        /// @return this builder
        public Builder closeUnreachableGenerators(boolean on) {
            closeUnreachableGenerators = on;
            return this;
        }

        /// Says whether an exception that nobody has looked at is reported once the garbage
        /// collector has found that nobody can look at it any more; it is, unless switched off.
        /// Otherwise it is reported when the loop closes, as all that are left then, in the order
        /// in which they came, so that a run does not depend on the garbage collector. The loop
        /// keeps these exceptions until then.
        ///
        /// @param on false to report such exceptions when the loop closes
        /// @return this builder
        public Builder reportUnreachableFailures(boolean on) {
            reportUnreachableFailures = on;
            return this;
        }

        /// Says whether contexts carry SLF4J's MDC, so that log lines tell whom they are about. The
        /// default is what the system property `jloop.mdc` says, else no.
        ///
        /// ```java
        /// MDC.put("user", user);
        /// createTask(() -> LOG.info("logged with the user"));
        /// ```
        ///
        /// A task then starts with the MDC of who has created it, and keeps what it puts there
        /// across its await points; callbacks run with the MDC of who has scheduled them, and leave
        /// that of the thread as it was. A [Context] brings the MDC to another thread, which is how
        /// `Offload.toThread` has it. Each of these costs a copy of the MDC.
        ///
        /// A coroutine has an MDC of its own in any case, as it has a thread of its own; without
        /// this it begins empty.
        ///
        /// @param on true to carry it
        /// @return this builder
        public Builder carryMdc(boolean on) {
            carryMdc = on;
            return this;
        }

        /// Sets who decides what the fault points of the code on this loop do: see [Fault]. Without
        /// this nothing happens there. From the first loop with rules on, each fault point in this
        /// JVM looks which loop it is on.
        ///
        /// @param rules asked whenever a point is reached
        /// @return this builder
        public Builder faultRules(FaultRules rules) {
            faultRules = Objects.requireNonNull(rules, "rules");
            return this;
        }

        /// Sets the coroutine engine; the default is what the system property `jloop.engine` says,
        /// else `mounted` where the JVM allows it and `baton` where it does not.
        ///
        /// @param name `mounted` or `baton`
        /// @return this builder
        public Builder engine(String name) {
            engine = Objects.requireNonNull(name, "name");
            return this;
        }

        /// {@return the loop}
        ///
        /// @throws IllegalStateException if the engine `mounted` was asked for and the JVM lacks
        ///   the flag for it, which the message names
        /// @throws IllegalStateException if `-Djloop.poller=epoll` cannot be had, or the engine is
        ///   one that it does not fit
        /// @throws IllegalArgumentException if no engine has the name asked for, or no poller
        /// @throws UncheckedIOException if the operating system gives no selector
        public SelectorEventLoop build() {
            return new SelectorEventLoop(this);
        }
    }
}
