package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;

/// One piece of work in an executor, and the future of its result on the loop that asked for it.
///
/// @param <T> the type of the result
final class OffloadedCall<T extends @Nullable Object> implements Runnable {
    /// WAITING -a token-> SUBMITTED -a thread takes it-> STARTED -the body ends-> ENDED -the loop
    /// has the outcome-> HANDED_OVER; WAITING or SUBMITTED -the future is cancelled, or the
    /// executor refuses-> TAKEN_BACK.
    private enum State {
        /// For a token of its limiter.
        WAITING,
        /// For a thread of its executor.
        SUBMITTED,
        STARTED,
        ENDED,
        HANDED_OVER,
        TAKEN_BACK
    }

    /// WANTED -the future is done-> ABANDONED -the next call into the loop fails-> TOLD; WANTED
    /// -the future is done during a call into the loop, which is cancelled-> TOLD.
    private enum Demand {
        WANTED,
        /// Nobody waits for the body, which still runs.
        ABANDONED,
        /// A call into the loop has told the body so.
        TOLD
    }

    /// What runs on this thread.
    private static final ThreadLocal<@Nullable OffloadedCall<?>> CURRENT = new ThreadLocal<>();

    private final EventLoop loop;
    private final Destination destination;
    private final String label;
    private final OffloadOptions options;
    private final LoopFuture<T> future;
    private final @Nullable CapacityLimiter limiter;
    private final WorkInProgress work;

    /// In the queue of the limiter. Loop thread.
    private @Nullable LoopFuture<@Nullable Void> turn;

    /// A coroutine works for the body. Loop thread.
    private boolean coroutineRuns;

    // ---- guarded by this

    /// While it is in the executor and somebody waits for it, except for the time that a coroutine
    /// works for it.
    private EventLoop.@Nullable OutsideWork outsideWork;

    private State state = State.WAITING;

    /// Dropped once it is of no more use, as the call may stay in the executor's queue for long.
    private @Nullable Callable<T> body;

    /// While the body runs.
    private @Nullable Thread worker;

    private long startedNanos;

    private Demand demand = Demand.WANTED;

    /// What the worker waits for.
    private @Nullable CallFromThread<?> callInProgress;

    private OffloadedCall(
            Callable<T> body,
            Object described,
            Destination destination,
            OffloadOptions options,
            EventLoop loop) {
        this.body = Objects.requireNonNull(body, "body");
        this.destination = destination;
        this.options = options;
        this.loop = loop;
        label = options.name() == null ? described.toString() : options.name();
        limiter = options.limiter() == null ? destination.limiter() : options.limiter();
        work = WorkInProgress.of(loop);
        future = loop.createFuture();
    }

    /// Hands `body` to an executor, once it has a token of its limiter. Loop thread.
    ///
    /// @param described names the work in reports where `options` do not: the body as the user
    ///   knows it
    static <T extends @Nullable Object> LoopFuture<T> submit(
            Destination destination,
            Callable<T> body,
            Object described,
            OffloadOptions options,
            EventLoop loop) {
        var call = new OffloadedCall<>(body, described, destination, options, loop);
        call.takeToken();
        call.future.addDoneCallback(_ -> call.futureDone());
        return call.future;
    }

    /// {@return the work that this thread does; null where that is none of ours}
    static @Nullable OffloadedCall<?> current() {
        return CURRENT.get();
    }

    EventLoop loop() {
        return loop;
    }

    /// {@return whether the end of the default executor waits for it}
    boolean isInDefaultExecutor() {
        return destination.isDefault();
    }

    // ---- up to the executor, on the loop's thread

    private void takeToken() {
        turn = limiter == null ? null : limiter.takeOrQueue(this, loop);
        work.add(this);
        if (turn == null) {
            submitNow();
        } else {
            turn.addDoneCallback(granted -> {
                turn = null;
                if (!granted.isCancelled()) {
                    tokenGranted();
                }
            });
        }
    }

    private void tokenGranted() {
        if (future.isDone()) { // it was cancelled while the token was on its way
            giveTokenBack();
            return;
        }
        try {
            submitNow();
        } catch (Throwable failure) { // an executor may have no thread left, or a bug
            if (!future.isDone()) {
                future.setException(failure);
            }
        }
    }

    private void submitNow() {
        synchronized (this) {
            state = State.SUBMITTED;
        }
        beginOutsideWork();
        var accepted = false;
        try {
            destination.executor().execute(this);
            accepted = true;
        } catch (RejectedExecutionException rejection) {
            throw new RejectedExecutionException(
                    "the executor "
                            + destination.executor()
                            + " takes no more work from "
                            + loop
                            + "; it is full or was shut down",
                    rejection);
        } finally {
            if (!accepted) {
                takeBack();
            }
        }
    }

    /// Whatever the body still does, nobody wants its result any more.
    private void futureDone() {
        takeBack();
        var cutOff = abandon();
        if (cutOff != null) {
            cutOff.cancel();
        }
        updateOutsideWork();
    }

    /// Unless the body has started.
    private void takeBack() {
        switch (tryTakeBack()) {
            case WAITING -> {
                if (turn != null && !turn.isDone()) { // else `tokenGranted` gives it back
                    Objects.requireNonNull(limiter).withdraw(this, turn);
                }
                work.remove(this);
            }
            case SUBMITTED -> {
                giveTokenBack();
                endOutsideWork();
                work.remove(this);
            }
            case STARTED, ENDED, HANDED_OVER, TAKEN_BACK -> {}
        }
    }

    private void giveTokenBack() {
        if (limiter != null) {
            limiter.releaseOnBehalfOf(this);
        }
    }

    /// The loop closes, and no turn is left in which it could be told of what is cancelled. Loop
    /// thread.
    ///
    /// @return whether it is lost, as it has not come to its executor
    boolean loopCloses() {
        if (isWaiting()) {
            var _ = tryTakeBack();
            return true;
        }
        var _ = abandon(); // a coroutine that works for it is ended by the loop
        return false;
    }

    // ---- a coroutine that works for the body, on the loop's thread

    /// The body does nothing but wait, so virtual time may pass.
    void coroutineStarts() {
        coroutineRuns = true;
        endOutsideWork();
    }

    void coroutineEnds() {
        coroutineRuns = false;
        updateOutsideWork();
    }

    // ---- as the loop's clock sees it

    /// Somebody waits, or has stopped to. Loop thread.
    void updateOutsideWork() {
        if (!isWaitedFor()) {
            endOutsideWork();
        } else if (!coroutineRuns) {
            beginOutsideWork();
        }
    }

    /// {@return whether somebody waits for the result, or for the body to end}
    private boolean isWaitedFor() {
        return !future.isDone() || work.isAwaited(this);
    }

    private synchronized void beginOutsideWork() {
        if (outsideWork == null && (isWithExecutor() || state == State.ENDED)) {
            outsideWork = loop.beginOutsideWork("work in an executor: " + label);
        }
    }

    private synchronized void endOutsideWork() {
        if (outsideWork != null) {
            outsideWork.close();
            outsideWork = null;
        }
    }

    // ---- on a thread of the executor

    @Override
    public void run() {
        var thread = Thread.currentThread();
        var current = tryStart(thread);
        if (current == null) {
            return;
        }
        var outer = CURRENT.get();
        var outerName = thread.getName();
        CURRENT.set(this);
        if (options.name() != null) {
            thread.setName(outerName + ": " + label);
        }
        var outcome = outcomeOf(current);
        end();
        if (options.name() != null) {
            thread.setName(outerName);
        }
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
        handOver(outcome);
    }

    /// Runs the body. {@return what to do on the loop's thread}
    private Runnable outcomeOf(Callable<T> current) {
        try {
            var value = current.call();
            return () -> {
                if (!future.isDone()) {
                    future.setResult(value);
                }
            };
        } catch (Throwable failure) { // whoever awaits the future gets it
            return () -> {
                if (!future.isDone()) {
                    future.setException(failure);
                }
            };
        }
    }

    private void handOver(Runnable outcome) {
        try {
            Handover.submitUnlessClosed(
                    loop,
                    () -> {
                        giveTokenBack();
                        outcome.run();
                        handedOver();
                    });
        } finally {
            if (limiter != null && loop.isClosed()) {
                limiter.endedAfterItsLoop(this);
            }
            handedOver();
        }
    }

    /// To be called after all else, so that no virtual time passes in between. By the loop too, as
    /// the thread may be held up once the loop has the outcome.
    private void handedOver() {
        work.remove(this);
        synchronized (this) {
            state = State.HANDED_OVER;
            endOutsideWork();
        }
    }

    /// {@return whether nobody waits for the body any more}
    synchronized boolean isAbandoned() {
        return demand != Demand.WANTED;
    }

    /// The body is about to wait for a coroutine.
    ///
    /// @return false if nobody waits for the body, and it hears of that now
    synchronized boolean tryBeginCall(CallFromThread<?> call) {
        if (demand == Demand.ABANDONED) {
            demand = Demand.TOLD;
            return false;
        }
        callInProgress = call;
        return true;
    }

    synchronized void endCall() {
        callInProgress = null;
    }

    // ---- the state

    private synchronized boolean isWaiting() {
        return state == State.WAITING;
    }

    /// {@return the state it was in}
    private synchronized State tryTakeBack() {
        var before = state;
        if (before == State.WAITING || before == State.SUBMITTED) {
            state = State.TAKEN_BACK;
            body = null;
        }
        return before;
    }

    /// {@return the body; null if it was taken back}
    private synchronized @Nullable Callable<T> tryStart(Thread thread) {
        if (state != State.SUBMITTED) {
            return null;
        }
        state = State.STARTED;
        worker = thread;
        startedNanos = System.nanoTime();
        var current = body;
        body = null;
        return current;
    }

    /// {@return the call into the loop that its body waits in, and that is to be cancelled; null
    /// for none}
    private synchronized @Nullable CallFromThread<?> abandon() {
        if (state != State.STARTED || isAbandoned()) {
            return null;
        }
        demand = callInProgress == null ? Demand.ABANDONED : Demand.TOLD;
        if (options.interruptOnCancel() && worker != null) {
            worker.interrupt();
        }
        return callInProgress;
    }

    /// From here on the thread may work for others, so it is not interrupted any more.
    private synchronized void end() {
        state = State.ENDED;
        worker = null;
        if (isAbandoned() && options.interruptOnCancel()) {
            Thread.interrupted();
        }
    }

    synchronized boolean hasEnded() {
        return state == State.ENDED || state == State.HANDED_OVER;
    }

    /// {@return whether its body runs, or may run yet}
    synchronized boolean isWithExecutor() {
        return state == State.SUBMITTED || state == State.STARTED;
    }

    /// {@return what it is and where it stands, for who waits for it. Any thread}
    synchronized String describe() {
        return switch (state) {
            case WAITING -> label + " (waits for a token of " + limiter + ")";
            case SUBMITTED -> label + " (has not started)";
            case STARTED ->
                    label + " (" + RunningBody.describe(worker, startedNanos, isAbandoned()) + ")";
            case ENDED, HANDED_OVER, TAKEN_BACK -> label + " (" + state + ")";
        };
    }

    /// {@return what the thread that runs the body is doing; null while none does}
    synchronized Thread.@Nullable State workerState() {
        return worker == null ? null : worker.getState();
    }

    /// {@return what it is called in reports}
    String label() {
        return label;
    }

    @Override
    public String toString() {
        return "OffloadedCall[" + label + ", for " + loop + "]";
    }
}
