package dev.jloop.testkit;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.Context;
import dev.jloop.core.ContextVar;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;
import dev.jloop.core.TaskOptions;
import dev.jloop.core.TimerHandle;
import dev.jloop.core.spi.LoopObserver;
import dev.jloop.transports.DatagramTransport;
import dev.jloop.transports.Server;
import dev.jloop.transports.TlsTasks;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// An event loop for tests, whose clock starts at zero and moves only when nothing else can happen.
///
/// ```java
/// try (var loop = VirtualTimeLoop.create()) {
///     loop.runUntilComplete(() -> Async.sleep(Duration.ofDays(1)));   // takes no time
/// }
/// ```
///
/// **Time.** A loop from [#create()] jumps to the next deadline when nothing is ready. On a loop
/// from [#manual()] time stands still, until [#advance(Duration)] and its kin move it. They work on
/// every loop, and drive it from outside: inside a coroutine let time pass by
/// [Async#sleep(Duration)].
///
/// **Pace.** [#setRate(double)] lets time pass in proportion to real time instead.
///
/// **The world outside.** While work is under way that the loop knows of (of `Offload`, of
/// `LoopFuture.from`, of [#beginOutsideWork(String)]) no time passes, and the loop waits for it in
/// real time. It waits ten seconds at most, see [#setRealTimeLimit(Duration)], and then fails with
/// a list of what is under way. Threads it does not know of may call
/// [#callSoonThreadsafe(Runnable)] as on any loop, but time does not wait for them. Real channels
/// work; where some are watched, time moves only when none was ready for five milliseconds.
///
/// **Deadlock.** If nothing is ready, no timer is left and nothing goes on outside while
/// [#runUntilComplete(LoopFuture)] waits, it fails with a [DeadlockException], which shows who
/// waits for whom. (It waits a tenth of a second before that, for threads it does not know of.)
///
/// **Leaks.** A loop in debug mode remembers where its tasks and timers were made, and where
/// received buffers were retained. [LoopTest] turns it on, and reports what is left at the end;
/// [#allowLeak(Object)] lets a test leave something.
///
/// **Threading:** as for every loop; the methods added here belong to the thread that owns the
/// loop.
///
/// @since 0.1
public final class VirtualTimeLoop extends SelectorEventLoop {
    /// What [#instantSource()] tells at virtual time zero: 2000-01-01T00:00:00Z, midnight.
    public static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private enum Mode {
        AUTOJUMP,
        MANUAL
    }

    private static final Duration DEFAULT_REAL_TIME_LIMIT = Duration.ofSeconds(10);
    private static final Duration DEFAULT_VIRTUAL_LIMIT = Duration.ofDays(365);

    /// Bytes that one socket of this machine has sent to another arrive well within it.
    private static final long CHANNEL_GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /// Jumps of time that background tasks and generators get for their clean-up.
    private static final int MOST_JUMPS_TO_CLOSE = 100_000;

    /// Turns between two of these jumps. Whoever needs more goes on for ever.
    private static final int MOST_TURNS_TO_CLOSE = 100_000;

    private static final long DEADLOCK_GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SHORT_DEADLOCK_GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /// Inherited by all that a background task starts.
    private static final ContextVar<Boolean> BACKGROUND =
            ContextVar.create("jloop.testkit.background", false);

    private final Mode mode;
    private final RunSchedule schedule;
    private final Trace trace;
    private final ChoiceLog choices;
    private final VirtualClock clock;
    private final VirtualTimePoller poller;
    private final Faults faults;
    private final ObserverSlot observer;
    private @Nullable Recorder recorder;
    private final OutsideWorkLedger outside;
    private final ForegroundTimers foregroundTimers = new ForegroundTimers();
    private final ArrayDeque<LoopFuture<@Nullable Void>> waitingForAllBlocked = new ArrayDeque<>();
    private final Map<Task<?>, Throwable> creationSites = new WeakHashMap<>();
    private final Set<Object> allowedLeaks =
            Collections.newSetFromMap(Collections.synchronizedMap(new IdentityHashMap<>()));
    private volatile InstantSource wallTime;
    private @Nullable SimulatedNetwork network;

    /// Null where time jumps or stands still.
    private @Nullable ClockRate rate;

    private long realTimeLimitNanos = DEFAULT_REAL_TIME_LIMIT.toNanos();
    private long virtualLimitNanos = Long.MAX_VALUE;

    /// Takes the reports of what was left open; null where that goes to the exception handler.
    private @Nullable Leaks leaks;

    /// Jumps of time since [#close()] was called; negative before.
    private int jumpsWhileClosing = -1;

    /// Turns since the last of these jumps, or since [#close()] was called; negative while nobody
    /// counts.
    private int turnsWhileClosing = -1;

    /// What a run waits for, or null in a run without an end of its own.
    private @Nullable LoopFuture<?> root;

    private @Nullable Drive drive;
    private long turns;

    private VirtualTimeLoop(Mode mode, RunSchedule schedule) {
        this(mode, schedule, new VirtualClock());
    }

    private VirtualTimeLoop(Mode mode, RunSchedule schedule, VirtualClock clock) {
        this(
                mode,
                schedule,
                clock,
                new VirtualTimePoller(),
                new Trace(clock, schedule.closely()),
                new ChoiceLog(schedule.closely()),
                new Faults(schedule.seed().orElse(0)),
                new ObserverSlot());
    }

    private VirtualTimeLoop(
            Mode mode,
            RunSchedule schedule,
            VirtualClock clock,
            VirtualTimePoller poller,
            Trace trace,
            ChoiceLog choices,
            Faults faults,
            ObserverSlot observer) {
        super(
                builder()
                        .clock(clock)
                        .poller(poller)
                        .readyQueue(new TracedReadyQueue(schedule.chooser(), trace, choices))
                        .closeUnreachableGenerators(false)
                        .reportUnreachableFailures(false)
                        .faultRules(faults::decide)
                        .observer(observer));
        this.faults = faults;
        faults.onDecision(event -> trace.note("fault", event.toString()));
        this.observer = observer;
        this.mode = mode;
        this.schedule = schedule;
        this.trace = trace;
        this.choices = choices;
        this.clock = clock;
        wallTime = new HostClock(clock);
        this.poller = poller;
        outside = new OutsideWorkLedger(poller::wakeup);
        poller.whenIdle(this::idle);
        // A run has to be the same each time, so nothing goes on in other threads.
        provideService(TlsTasks.class, TlsTasks.inline(this));
    }

    /// {@return a loop whose time jumps to the next deadline when nothing is ready}
    public static VirtualTimeLoop create() {
        return new VirtualTimeLoop(Mode.AUTOJUMP, RunSchedule.FIFO);
    }

    /// {@return a loop whose time stands still until it is moved} A run that could go on only by a
    /// timer fails as deadlocked.
    public static VirtualTimeLoop manual() {
        return new VirtualTimeLoop(Mode.MANUAL, RunSchedule.FIFO);
    }

    /// {@return a loop as from [#create()], whose schedule is one of many that are allowed}
    ///
    /// In each turn the steps of the tasks that are ready come in an order drawn from the seed,
    /// with callbacks anywhere between them. Callbacks keep their own order, which every loop
    /// promises. A program that depends on nothing outside runs the same way each time.
    ///
    /// @param seed any number
    public static VirtualTimeLoop seeded(long seed) {
        return seeded(seed, Schedule.RANDOM);
    }

    /// {@return a loop as from [#create()], whose schedule is one of many that are allowed}
    ///
    /// @param seed any number
    /// @param schedule how the seed decides; of [Schedule#PCT] the depth is three
    public static VirtualTimeLoop seeded(long seed, Schedule schedule) {
        Objects.requireNonNull(schedule, "schedule");
        return under(RunSchedule.seeded(seed, schedule, RunSchedule.DEFAULT_DEPTH));
    }

    /// {@return a loop as from [#create()], on which things run in the order of `schedule`}
    static VirtualTimeLoop under(RunSchedule schedule) {
        return new VirtualTimeLoop(Mode.AUTOJUMP, schedule);
    }

    /// {@return the seed of the schedule; empty where it is first in, first out}
    public OptionalLong seed() {
        return schedule.seed();
    }

    /// {@return what has happened on this loop so far, with a hash of it}
    public Trace trace() {
        return trace;
    }

    /// {@return the choices of what runs first; each by itself if the run was watched closely}
    ChoiceLog choices() {
        return choices;
    }

    /// {@return the rules for the fault points in the code that runs on this loop, and what has
    /// happened there} Nothing happens at any of them unless a rule says so: see
    /// [dev.jloop.core.Fault].
    public Faults faults() {
        return faults;
    }

    /// Sets how long the loop waits in real time for one piece of work outside, or for a channel.
    /// Ten seconds unless set.
    ///
    /// @param limit a positive time
    /// @throws IllegalArgumentException if it is zero or negative
    public void setRealTimeLimit(Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("the limit must be positive, was " + limit);
        }
        realTimeLimitNanos = TimeUnit.NANOSECONDS.convert(limit);
    }

    /// Sets how far time may move; for ever unless set. When nothing is ready before a later
    /// deadline, the run fails with an `IllegalStateException` that lists the pending tasks, and so
    /// do [#advance(Duration)] and its kin when time would have to go past the limit. [#close()]
    /// lifts it.
    ///
    /// @param limit a positive time, counted from the loop's start at zero
    /// @throws IllegalArgumentException if it is zero or negative
    public void setVirtualLimit(Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("the virtual limit must be positive, was " + limit);
        }
        virtualLimitNanos = TimeUnit.NANOSECONDS.convert(limit);
    }

    /// Lets time pass by itself, in proportion to real time, instead of jumping: to watch a run, or
    /// to let it go on beside something real. While the loop has nothing to do it waits until the
    /// next timer is due in real time, and what comes from outside meanwhile comes at the virtual
    /// time of that moment. While the loop is busy time stands still; behind its time, it then runs
    /// what is due without waiting, each timer at its own time. Work outside does not hold time
    /// still.
    ///
    /// [#advance(Duration)] and its kin, and [#close()], move time without waiting. With a rate a
    /// run depends on real time wherever something comes from outside, so it need not be the same
    /// twice.
    ///
    /// @param virtualPerReal how many seconds of virtual time pass in a real one: 1 for the pace of
    ///   real time, 60 for a minute in a second; 0, the default, for jumps (or, on a loop from
    ///   [#manual()], for time that stands still)
    /// @throws IllegalArgumentException if it is negative or not finite
    public void setRate(double virtualPerReal) {
        setRate(
                virtualPerReal,
                new ClockRate.RealTime() {
                    @Override
                    public long nanos() {
                        return System.nanoTime();
                    }

                    @Override
                    public boolean await(long nanos) throws IOException {
                        return poller.waitInRealTime(nanos);
                    }
                });
    }

    /// As [#setRate(double)], on a real time that is supplied.
    void setRate(double virtualPerReal, ClockRate.RealTime real) {
        if (!(virtualPerReal >= 0 && virtualPerReal < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "the rate must be 0 or a positive number of virtual seconds in a real one, was "
                            + virtualPerReal);
        }
        rate = virtualPerReal == 0 ? null : new ClockRate(virtualPerReal, real, clock.nanos());
    }

    /// {@return a source of wall-clock time that follows this loop's time from [#EPOCH] on} It
    /// stands still where the loop's time does. Any thread may ask it, also when the loop is
    /// closed; for a `Clock` call its `withZone`.
    ///
    /// Asked by code on a host of a [SimulatedNetwork] it tells the time of that host's clock,
    /// which a test may set wrong: see [SimHost#jumpClock(Duration)]. Timers and [#time()] have one
    /// time on all hosts.
    public InstantSource instantSource() {
        return this::wallTimeHere;
    }

    private Instant wallTimeHere() {
        var life = HostContext.current();
        return life != null && life.host().network().loop() == this
                ? life.host().clock().instant()
                : wallTime.instant();
    }

    /// Takes note of the simulated network of this loop.
    ///
    /// @param defaultHost whose clock code outside any host sees
    void joined(SimulatedNetwork simulated, HostClock defaultHost) {
        network = simulated;
        wallTime = defaultHost;
    }

    /// {@return the simulated network of this loop, or null where none was asked for}
    @Nullable SimulatedNetwork networkOrNull() {
        return network;
    }

    /// {@return a clock that is right}
    HostClock newHostClock() {
        return new HostClock(clock);
    }

    // ---- what tests may do

    /// Lets something outlive the test: [LoopTest] does not take it for a leak.
    ///
    /// @param thing a task or timer of this loop, a transport, server or datagram endpoint, a
    ///   received buffer or a slice of one, or a thread
    /// @param <T> its type
    /// @return the same thing
    /// @throws IllegalArgumentException if it is none of these
    public <T> T allowLeak(T thing) {
        switch (thing) {
            case Task<?> _, TimerHandle _, Transport _, Server _, DatagramTransport _, Thread _ ->
                    allowedLeaks.add(thing);
            case ByteBuf buffer -> allowBuffer(buffer);
            default ->
                    throw new IllegalArgumentException(
                            "allowLeak takes a Task, TimerHandle, Transport, Server,"
                                    + " DatagramTransport, ByteBuf or Thread, was given "
                                    + thing.getClass().getName());
        }
        return thing;
    }

    /// A slice keeps what it is a slice of.
    private void allowBuffer(ByteBuf buffer) {
        for (@Nullable ByteBuf next = buffer; next != null; next = next.unwrap()) {
            allowedLeaks.add(next);
        }
    }

    boolean mayStay(Object thing) {
        return allowedLeaks.contains(thing);
    }

    /// Refuses real channels, as they make runs differ. [LoopTest] does so.
    void refuseRealChannels() {
        poller.refuseChannels();
    }

    /// Lets this loop watch real channels from now on. It does anyway, except in a [LoopTest]
    /// without `realSockets`.
    public void allowRealChannels() {
        poller.allowChannels();
    }

    /// {@return the channels that were refused, and where} Whoever was refused may have hidden it.
    List<IllegalStateException> refusedChannels() {
        return poller.refused();
    }

    // ---- driving the loop from outside

    /// Lets time pass: runs what is ready, and then what is due up to the new time and at it,
    /// deadline by deadline.
    ///
    /// If a callback stops the loop, time stays where it is then.
    ///
    /// @param step how far to move time; zero runs what is due now
    /// @throws IllegalArgumentException if the step is negative
    /// @throws IllegalStateException inside a coroutine or callback (use [Async#sleep(Duration)]),
    ///   if the loop is closed or running, or if work outside does not end within the real-time
    ///   limit
    public void advance(Duration step) {
        var target = timeAfter(step, "advance");
        if (drive("advance", Drive.Goal.THROUGH, target).state() == Drive.State.ARRIVED) {
            moveTo(target);
        }
    }

    /// Lets time pass, and stops just before what is due at the new time; [#runReady()] runs that.
    ///
    /// If a callback stops the loop, time stays where it is then.
    ///
    /// @param step how far to move time; zero does nothing
    /// @throws IllegalArgumentException if the step is negative
    /// @throws IllegalStateException inside a coroutine or callback (use [Async#sleep(Duration)]),
    ///   if the loop is closed or running, or if work outside does not end within the real-time
    ///   limit
    public void advanceUntil(Duration step) {
        var target = timeAfter(step, "advanceUntil");
        checkOutside("advanceUntil");
        if (step.isZero()) {
            return; // everything that is due is due at the new time
        }
        if (drive("advanceUntil", Drive.Goal.BEFORE, target).state() == Drive.State.ARRIVED) {
            moveTo(target);
        }
    }

    /// Runs what is ready and due now, and what becomes ready by that. Time does not move, and work
    /// outside is not waited for.
    ///
    /// @throws IllegalStateException inside a coroutine or callback (use [Async#sleep(Duration)]),
    ///   or if the loop is closed or running
    public void runReady() {
        drive("runReady", Drive.Goal.READY, clock.nanos());
    }

    /// Lets time pass until nothing is left to do, for a virtual year at most: see
    /// [#runUntilIdle(Duration)].
    ///
    /// @throws IllegalStateException inside a coroutine or callback (use [Async#sleep(Duration)]),
    ///   if the loop is closed or running, if work outside does not end within the real-time limit,
    ///   or if there is no end
    public void runUntilIdle() {
        runUntilIdle(DEFAULT_VIRTUAL_LIMIT);
    }

    /// Lets time pass until nothing is ready, no timer is left and nothing goes on outside. Timers
    /// of background tasks do not count. Tasks that wait for something else stay as they are.
    ///
    /// @param maxVirtual how far time may move; a timer due later, and a million jumps of time too,
    ///   are taken for work without an end
    /// @throws IllegalArgumentException if it is negative
    /// @throws IllegalStateException inside a coroutine or callback (use [Async#sleep(Duration)]),
    ///   if the loop is closed or running, if work outside does not end within the real-time limit,
    ///   or if there is no end
    public void runUntilIdle(Duration maxVirtual) {
        var start = clock.nanos();
        var done = drive("runUntilIdle", Drive.Goal.IDLE, timeAfter(maxVirtual, "runUntilIdle"));
        if (done.state() == Drive.State.ENDLESS) {
            throw new IllegalStateException(
                    this
                            + " is not idle after "
                            + Duration.ofNanos(clock.nanos() - start)
                            + " of virtual time and "
                            + done.jumps()
                            + " jumps, with a limit of "
                            + maxVirtual
                            + "; a task that never ends belongs into background(). Pending:"
                            + System.lineSeparator()
                            + TaskDump.treeOf(this));
        }
    }

    private long timeAfter(Duration step, String method) {
        if (step.isNegative()) {
            throw new IllegalArgumentException(
                    method + " cannot turn time back, and was given " + step);
        }
        var now = clock.nanos();
        return now + Math.min(TimeUnit.NANOSECONDS.convert(step), Long.MAX_VALUE - now);
    }

    private static void checkOutside(String method) {
        if (EventLoop.currentOrNull() != null) {
            throw new IllegalStateException(
                    method
                            + " drives the loop from outside, and was called inside a coroutine or"
                            + " callback; let time pass by Async.sleep there");
        }
    }

    private Drive drive(String method, Drive.Goal goal, long limitNanos) {
        checkOutside(method);
        if (isRunning()) {
            throw new IllegalStateException(
                    method
                            + " drives the loop, and "
                            + this
                            + " is running already, on another thread");
        }
        var current = new Drive(goal, limitNanos);
        drive = current;
        try {
            runForever();
        } finally {
            drive = null;
        }
        return current;
    }

    // ---- waiting and background work

    /// Waits until all other tasks wait for one another, for a timer or for nothing that will ever
    /// come: nothing is ready and nothing goes on outside. Time does not move. **Suspends.**
    ///
    /// If several tasks wait, the first one goes on first, and the next when that has blocked
    /// again.
    ///
    /// @throws dev.jloop.core.CancelledError if the task was cancelled
    /// @throws IllegalStateException if not called in a coroutine of this loop
    public void awaitAllBlocked() {
        if (currentTask() == null) {
            throw new IllegalStateException(
                    "awaitAllBlocked suspends, and so works in a coroutine of "
                            + this
                            + " only; elsewhere use runReady or runUntilIdle");
        }
        var turn = this.<@Nullable Void>createFuture();
        waitingForAllBlocked.add(turn);
        turn.await();
    }

    /// Sleeps, and then waits until all other tasks are blocked, so that those with a deadline at
    /// the same time have done their part: [Async#sleep(Duration)] and [#awaitAllBlocked()].
    /// **Suspends.**
    ///
    /// @param delay how long to sleep in virtual time; zero or negative just settles
    /// @throws dev.jloop.core.CancelledError if the task was cancelled
    /// @throws IllegalStateException if not called in a coroutine of this loop
    public void sleepAndSettle(Duration delay) {
        if (currentTask() == null) {
            throw new IllegalStateException(
                    "sleepAndSettle suspends, and so works in a coroutine of "
                            + this
                            + " only; elsewhere use advance");
        }
        Async.sleep(delay);
        awaitAllBlocked();
    }

    /// Starts a coroutine that accompanies the test: [LoopTest] does not take it for a leak,
    /// [#runUntilIdle()] does not wait for its timers, and [#close()] cancels it and waits for its
    /// clean-up. The same goes for tasks that it starts.
    ///
    /// @param body the coroutine
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the loop is closed
    public <T extends @Nullable Object> Task<T> background(Callable<T> body) {
        var context = Context.copyCurrent();
        context.run(VirtualTimeLoop::enterBackground);
        return createTask(body, TaskOptions.DEFAULTS.withContext(context));
    }

    /// Starts a coroutine without a result that accompanies the test: see [#background(Callable)].
    ///
    /// @param body the coroutine
    /// @return the task
    /// @throws IllegalStateException if the loop is closed
    @SuppressWarnings(
            "overloads") // a lambda with a value and one without are told apart by their body
    public Task<@Nullable Void> background(AsyncRunnable body) {
        Objects.requireNonNull(body, "body");
        Callable<@Nullable Void> withResult =
                () -> {
                    body.run();
                    return null;
                };
        return background(withResult);
    }

    /// Lets what is started in the current context accompany the test from now on.
    static void enterBackground() {
        var _ = BACKGROUND.set(true);
    }

    /// {@return the tasks that are not done, in the order of their creation}
    ///
    /// @param background whether those of the background are asked for, or the others
    List<Task<?>> pendingTasks(boolean background) {
        return allTasks().stream()
                .filter(task -> task.context().call(BACKGROUND::get) == background)
                .toList();
    }

    /// Cancels `tasks` and runs the loop until they have ended.
    void cancelAndJoin(List<Task<?>> tasks, String reason) {
        tasks.forEach(task -> task.cancel(reason));
        join(tasks);
    }

    /// Runs the loop until `tasks` have ended.
    void join(List<Task<?>> tasks) {
        if (!tasks.isEmpty()) {
            runUntilComplete(() -> {
                Async.waitAll(tasks);
            });
        }
    }

    /// {@return the recorder of this loop, made by `create` if there is none}
    Recorder recorder(Supplier<Recorder> create) {
        if (recorder == null) {
            recorder = create.get();
        }
        return recorder;
    }

    /// {@return the recorder of this loop, or null where none was asked for}
    @Nullable Recorder recorderOrNull() {
        return recorder;
    }

    /// Tells `value` what happens from now on.
    void observeBy(LoopObserver value) {
        observer.fill(value);
    }

    /// {@return how many turns have begun} A coroutine that is suspended goes on in a later one at
    /// the earliest.
    long turns() {
        return turns;
    }

    /// {@return what keeps the loop from being idle, in words; empty if it is idle}
    List<String> unfinished() {
        var reasons = new ArrayList<String>();
        if (readyCallbacks() > 0) {
            reasons.add("callbacks or steps of tasks ready to run: " + readyCallbacks());
        }
        if (foregroundTimers.anyAfter(clock.nanos())) {
            reasons.add("a timer is still to come");
        }
        if (!outside.isEmpty()) {
            reasons.add("under way outside: " + outside.describe().strip());
        }
        return reasons;
    }

    @Override
    protected void runOnce() {
        turns++;
        // Work outside may take its time, and a task that asks for it in each turn is no wonder.
        if (turnsWhileClosing >= 0
                && outside.isEmpty()
                && ++turnsWhileClosing > MOST_TURNS_TO_CLOSE) {
            throw backgroundGoesOn(MOST_TURNS_TO_CLOSE + " turns in which no time passed");
        }
        super.runOnce();
    }

    // ---- how the loop's own parts see time and the world outside

    @Override
    public TimerHandle callAt(long deadlineNanos, Runnable callback) {
        var timer = super.callAt(deadlineNanos, callback);
        var ofJloop = CreationSite.isOfJloop(callback);
        var entry =
                new ForegroundTimers.Entry(
                        timer, currentTask(), ofJloop, ofJloop ? null : siteInDebugMode());
        if (!BACKGROUND.get()) {
            foregroundTimers.add(entry, clock.nanos());
        }
        var life = HostContext.current();
        if (life != null) {
            life.timers().add(entry, clock.nanos());
        }
        return timer;
    }

    @Override
    public <T extends @Nullable Object> Task<T> createTask(Callable<T> body, TaskOptions options) {
        var site = siteInDebugMode();
        var task = super.createTask(body, options);
        if (site != null) {
            creationSites.put(task, site);
        }
        return task;
    }

    /// Callbacks and waits of jloop itself are most of all, and no report needs to say where they
    /// come from: tasks, transports and what else they serve have sites of their own.
    @Override
    protected boolean keepsCreationSite(Object subject) {
        return !CreationSite.isOfJloop(subject);
    }

    private @Nullable Throwable siteInDebugMode() {
        return isDebug() ? new Throwable("created here") : null;
    }

    /// {@return where `task` was created, if debug mode was on then}
    @Nullable Throwable createdAt(Task<?> task) {
        return creationSites.get(task);
    }

    /// {@return the timers at the end of a test that nobody will cancel}
    List<ForegroundTimers.Entry> forgottenTimers() {
        return foregroundTimers.forgotten(clock.nanos()).stream()
                .filter(entry -> !mayStay(entry.timer()))
                .toList();
    }

    /// From now on what is left open when the loop closes goes there.
    void tellLeaksTo(Leaks taker) {
        leaks = taker;
    }

    @Override
    public void callExceptionHandler(LoopException report) {
        var taker = leaks;
        if (taker == null || !taker.takes(report)) {
            super.callExceptionHandler(report);
        }
    }

    @Override
    public OutsideWork beginOutsideWork(String description) {
        return outside.enter(description, super.beginOutsideWork(description));
    }

    @Override
    public <T extends @Nullable Object> T runUntilComplete(LoopFuture<T> future) {
        if (isRunning()) {
            return super.runUntilComplete(
                    future); // which refuses, and leaves the run that is on alone
        }
        root = future;
        try {
            return super.runUntilComplete(future);
        } finally {
            root = null;
        }
    }

    /// Cancels the background tasks, closes generators that were left early, waits for the clean-up
    /// of both, and closes the loop.
    ///
    /// Time moves as the clean-up needs it, on a loop from [#manual()] too, but 100,000 times at
    /// most, with as many turns of the loop in between: what goes on after that has no end.
    ///
    /// @throws DeadlockException if clean-up waits for something that never comes; the loop is
    ///   closed nevertheless
    /// @throws IllegalStateException if clean-up does not end, with the tasks that go on; the loop
    ///   is closed nevertheless
    @Override
    public void close() {
        var drivable = !isClosed() && !isRunning() && EventLoop.currentOrNull() == null;
        try {
            if (drivable) {
                jumpsWhileClosing = 0;
                turnsWhileClosing = 0;
                cancelAndJoin(pendingTasks(true), "the test is over");
                runUntilComplete(this::shutdownAsyncGenerators);
            }
        } finally {
            turnsWhileClosing = -1; // what is left gets a few turns, and is counted there
            super.close();
        }
    }

    /// One step of a loop that has nothing to do.
    private void idle(long nanosToNextTimer) throws IOException {
        var current = drive;
        var pace = rate;
        if (pace != null && current == null && jumpsWhileClosing < 0) {
            idle(pace, nanosToNextTimer);
            return;
        }
        if (!outside.isEmpty() && (current == null || current.waitsForOutsideWork())) {
            waitForOutsideWork();
            return;
        }
        // Work outside hands its result over before it ends, so a knock is seen here for certain.
        if (poller.look() || channelsBecomeReady() || allBlocked()) {
            return;
        }
        if (current != null) {
            driveOn(current, nanosToNextTimer);
        } else if (nanosToNextTimer != Long.MAX_VALUE && movesByItself()) {
            jump(nanosToNextTimer);
        } else {
            waitForAnything(nanosToNextTimer);
        }
    }

    /// One step of a loop whose time passes with real time.
    private void idle(ClockRate pace, long nanosToNextTimer) throws IOException {
        if (poller.look() || allBlocked()) {
            return;
        }
        var now = clock.nanos();
        if (nanosToNextTimer != Long.MAX_VALUE) {
            var deadline = now + nanosToNextTimer;
            checkVirtualLimit(deadline);
            var interrupted = pace.await(deadline, now);
            clock.moveTo(interrupted ? Math.min(pace.due(now), deadline) : deadline);
        } else {
            if (outside.isEmpty()) {
                waitForAnything(nanosToNextTimer);
            } else {
                waitForOutsideWork();
            }
            clock.moveTo(pace.due(now));
        }
    }

    private boolean movesByItself() {
        return mode == Mode.AUTOJUMP || jumpsWhileClosing >= 0;
    }

    private void jump(long nanosToNextTimer) {
        if (jumpsWhileClosing >= 0) {
            if (++jumpsWhileClosing > MOST_JUMPS_TO_CLOSE) {
                throw backgroundGoesOn(MOST_JUMPS_TO_CLOSE + " jumps of time");
            }
            turnsWhileClosing = Math.min(turnsWhileClosing, 0);
        }
        moveTo(clock.nanos() + nanosToNextTimer);
    }

    private void moveTo(long nanos) {
        checkVirtualLimit(nanos);
        clock.moveTo(nanos);
    }

    private void checkVirtualLimit(long nanos) {
        if (nanos > virtualLimitNanos && jumpsWhileClosing < 0) {
            throw new IllegalStateException(
                    this
                            + " has nothing to do at virtual time "
                            + Duration.ofNanos(clock.nanos())
                            + " before its limit of "
                            + Duration.ofNanos(virtualLimitNanos)
                            + ", see setVirtualLimit. Pending tasks:"
                            + System.lineSeparator()
                            + TaskDump.of(allTasks()));
        }
    }

    private IllegalStateException backgroundGoesOn(String after) {
        return new IllegalStateException(
                this
                        + " was to close, and its background goes on after "
                        + after
                        + "; its tasks must end when they are cancelled. Pending:"
                        + System.lineSeparator()
                        + TaskDump.of(allTasks()));
    }

    /// {@return a watch for real sleeps of this loop}
    SleepWatch watchSleeps() {
        return new SleepWatch(this::busyThread);
    }

    /// The limit has done its work when a test has failed by it.
    void liftVirtualLimit() {
        virtualLimitNanos = Long.MAX_VALUE;
    }

    private void waitForOutsideWork() throws IOException {
        if (!poller.waitInRealTime(realTimeLimit())) {
            throw realTimeLimitPassed();
        }
    }

    /// A run without an end of its own may wait for ever.
    private long realTimeLimit() {
        return root == null && drive == null ? Long.MAX_VALUE : realTimeLimitNanos;
    }

    private IllegalStateException realTimeLimitPassed() {
        return new IllegalStateException(
                this
                        + " has waited for "
                        + Duration.ofNanos(realTimeLimitNanos)
                        + " in real time, see setRealTimeLimit, and time stands still meanwhile."
                        + " Under way outside:"
                        + System.lineSeparator()
                        + outside.describe()
                        + System.lineSeparator()
                        + "Channels watched: "
                        + poller.watchedChannels()
                        + System.lineSeparator()
                        + "Pending tasks:"
                        + System.lineSeparator()
                        + TaskDump.treeOf(this));
    }

    private boolean channelsBecomeReady() throws IOException {
        return poller.watchedChannels() > 0 && poller.waitInRealTime(CHANNEL_GRACE_NANOS);
    }

    /// {@return whether somebody waits for all others to be blocked, and goes on now that they are}
    private boolean allBlocked() {
        return outside.isEmpty() && releaseOneWaiter();
    }

    private boolean releaseOneWaiter() {
        for (var next = waitingForAllBlocked.poll();
                next != null;
                next = waitingForAllBlocked.poll()) {
            if (!next.isDone()) {
                next.setResult(null);
                return true;
            }
        }
        return false;
    }

    private void driveOn(Drive current, long nanosToNextTimer) {
        var wanted =
                nanosToNextTimer != Long.MAX_VALUE
                        && (!current.goesOnUntilIdle() || foregroundTimers.anyAfter(clock.nanos()));
        var next = clock.nanos() + nanosToNextTimer;
        if (wanted && current.reaches(next)) {
            moveTo(next);
        } else {
            current.end();
            stop();
        }
    }

    /// Only other threads and channels can bring something now.
    private void waitForAnything(long nanosToNextTimer) throws IOException {
        if (root == null) {
            poller.waitInRealTime(Long.MAX_VALUE);
        } else if (poller.watchedChannels() > 0) {
            if (!poller.waitInRealTime(realTimeLimitNanos)) {
                throw deadlock(
                        "nothing is ready, no timer is due, and the "
                                + poller.watchedChannels()
                                + " channels watched were silent for "
                                + Duration.ofNanos(realTimeLimitNanos)
                                + " in real time, see setRealTimeLimit");
            }
        } else if (!poller.waitInRealTime(deadlockGrace())) {
            throw deadlock(
                    nanosToNextTimer == Long.MAX_VALUE
                            ? "nothing is ready, no timer is left and nothing goes on outside"
                            : "nothing is ready and time stands still, with a timer due in "
                                    + Duration.ofNanos(nanosToNextTimer)
                                    + "; move time by advance, or use VirtualTimeLoop.create()");
        }
    }

    private long deadlockGrace() {
        return schedule.watch() == RunSchedule.Watch.FOR_DEADLOCK
                ? SHORT_DEADLOCK_GRACE_NANOS
                : DEADLOCK_GRACE_NANOS;
    }

    private DeadlockException deadlock(String why) {
        return new DeadlockException(
                "deadlock on "
                        + this
                        + ": "
                        + why
                        + ". (A thread that will call callSoonThreadsafe has to be announced by"
                        + " beginOutsideWork.) Waiting for "
                        + root
                        + ", pending tasks:"
                        + System.lineSeparator()
                        + TaskDump.treeOf(this),
                pendingTasks(false).stream()
                        .map(task -> Likeness.place(task.stack()))
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining("|")));
    }
}
