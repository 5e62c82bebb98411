package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Cleaner;
import java.util.Map;
import java.util.Objects;

/// One run of a generator's body: a coroutine in lock-step with its consumer, which is the task
/// that asks for the next item.
///
/// ```
/// CREATED -item asked for-> RUNNING -emit-> EMITTED -item asked for, close-> RUNNING
///                           RUNNING -body ends-> ENDED
/// ```
///
/// The consumer hands control to the body as to a child that starts eagerly, without a turn of the
/// loop in between, and gets it back when the body emits or awaits. It awaits a [Turn] in the
/// second case. The body is a task inside, so that scopes in it have something of their own to
/// cancel, whichever task asks for the next item; but it is none of the loop's tasks, and
/// `currentTask()` in it is the consumer.
final class GeneratorRun<T extends @Nullable Object> extends CoroutineTask<@Nullable Void> {
    private enum Phase {
        CREATED,
        RUNNING,
        EMITTED,
        ENDED
    }

    /// How often a body may emit after it was closed before it is left where it is.
    private static final int REFUSALS = 10;

    private static final Cancellation CLOSED =
            new Cancellation(
                    CancelledError.Source.EXPLICIT, "the generator was closed by its user", null);

    private static final Cancellation UNREACHABLE =
            Cancellation.byShutdown("the generator was left behind by its user");

    private final GeneratorIterable<T> source;
    private Phase phase = Phase.CREATED;

    /// Emitted and not taken.
    private @Nullable T item;

    private boolean hasItem;

    /// The task that waits for the body, while one does.
    private @Nullable CoroutineTask<?> consumer;

    private @Nullable Turn turn;

    /// The consumer's request to cancel that was last handed on to the body, in this turn.
    private @Nullable Cancellation forwarded;

    /// A request of these that the body has emitted without an await point for.
    private @Nullable Cancellation unfelt;

    /// Why the body has to end, once it has to.
    private @Nullable Cancellation closing;

    private int refusals;
    private boolean abandoned;
    private boolean outcomeTaken;

    /// The consumer's, in which the body runs.
    private Context handedContext;

    /// The MDC of whichever of consumer and body has handed control to the other last; null where
    /// the loop does not carry it.
    private @Nullable Map<String, String> handedMdc;

    private Cleaner.@Nullable Cleanable whenUnreachable;

    /// Read by the cleaner's thread too.
    private volatile boolean over;

    GeneratorRun(SelectorEventLoop loop, GeneratorIterable<T> source, String name) {
        var emitter = new BodyEmitter<T>();
        var context = loop.execution().context();
        super(loop, loop.nextTaskId(), Bodies.withoutResult(emitter::runBody), name, context);
        emitter.run = this;
        this.source = source;
        this.handedContext = context;
    }

    /// Of one run only, so that a body cannot emit into another.
    private static final class BodyEmitter<T extends @Nullable Object> implements Emitter<T> {
        private @Nullable GeneratorRun<T> run;

        void runBody() throws Exception {
            var current = Objects.requireNonNull(run);
            current.installMdc();
            try {
                current.source.body().run(this);
            } finally {
                current.handMdc();
            }
        }

        @Override
        public void emit(T value) {
            Objects.requireNonNull(run).emit(value);
        }
    }

    GeneratorIterable<T> source() {
        return source;
    }

    void closeWhenUnreachable(Object user) {
        whenUnreachable = UnretrievedFailures.CLEANER.register(user, this::userIsUnreachable);
    }

    /// On the cleaner's thread, or at once when the run is over.
    private void userIsUnreachable() {
        if (!over) {
            loop().submitUnlessClosed(() -> requestClose(UNREACHABLE));
        }
    }

    // ---- the consumer's side

    /// Suspends until it is known whether there is another item.
    boolean awaitItem() {
        var task = requireUser("hasNext() or next()");
        if (!hasItem && phase != Phase.ENDED) {
            runBodyFor(task);
        }
        if (phase == Phase.ENDED && !outcomeTaken) {
            outcomeTaken = true;
            await();
        }
        return hasItem;
    }

    @SuppressWarnings("NullAway") // null only where T allows it
    T takeItem() {
        T taken = item;
        dropItem();
        return taken;
    }

    private void dropItem() {
        item = null;
        hasItem = false;
    }

    /// Ends the body, and suspends until it has ended.
    void close() {
        if (phase == Phase.ENDED) {
            dropItem();
            return;
        }
        var task = requireUser("close()");
        dropItem();
        if (phase == Phase.CREATED) {
            phase = Phase.ENDED;
            outcomeTaken = true;
            return;
        }
        if (closing == null) { // else it cleans up already
            closing = CLOSED;
            cancelFor(CLOSED);
        }
        runBodyFor(task);
        takeOutcomeOfClose();
    }

    private void takeOutcomeOfClose() {
        outcomeTaken = true;
        try {
            await();
        } catch (CancelledError end) {
            if (forwarded != null) {
                throw end; // the consumer was cancelled as well
            }
        }
    }

    private CoroutineTask<?> requireUser(String call) {
        var running = EventLoop.current();
        if (running != loop()) {
            throw new IllegalStateException(
                    "the "
                            + source
                            + " belongs to "
                            + loop()
                            + ", where it was first used, and not to "
                            + running
                            + "; iterate anew there");
        }
        var task = loop().execution().requireTask("iterating over a generator");
        if (consumer != null || task == this) {
            throw new IllegalStateException(
                    call
                            + " was called by "
                            + task.label()
                            + " while the "
                            + source
                            + " is at work for "
                            + (consumer == null ? "nobody" : consumer.label())
                            + "; give each task an iterator of its own, or a queue between them");
        }
        return task;
    }

    private void runBodyFor(CoroutineTask<?> task) {
        consumer = task;
        forwarded = null;
        try {
            if (phase != Phase.RUNNING) {
                resumeBody();
            }
            while (phase == Phase.RUNNING) {
                turn = new Turn();
                turn.await();
            }
        } finally {
            consumer = null;
            turn = null;
            installMdc();
        }
        if (unfelt != null) {
            task.requests().keep(unfelt); // at its own next await point
            unfelt = null;
        }
    }

    private void resumeBody() {
        if (phase == Phase.CREATED) {
            loop().generators().started(this);
        }
        // A body inside Context.run stays in the context it has entered.
        var context = loop().execution().context();
        var active = activeContext();
        if ((active == null ? context() : active) == handedContext) {
            leaveIn(context);
        }
        handedContext = context;
        handMdc();
        phase = Phase.RUNNING;
        loop().execution().startEagerly(this);
    }

    /// Described only where somebody asks.
    private record NextItem(GeneratorIterable<?> source) {
        @Override
        public String toString() {
            return "the next item of the " + source;
        }
    }

    /// What the consumer awaits while the body awaits something else. Cancelling it cancels the
    /// body.
    final class Turn extends DefaultFuture<@Nullable Void> {
        Turn() {
            super(GeneratorRun.this.loop(), new NextItem(source));
        }

        @Override
        boolean cancelFor(Cancellation request) {
            if (isDone()) {
                return false;
            }
            forwarded = request;
            GeneratorRun.this.cancelFor(request);
            return true;
        }

        GeneratorRun<?> body() {
            return GeneratorRun.this;
        }
    }

    // ---- closing, without a consumer that waits for it

    /// Asks the body to end. It does that on its own, and a failure is reported.
    void requestClose(Cancellation request) {
        if (closing != null) {
            return;
        }
        switch (phase) {
            case CREATED, ENDED -> {}
            case RUNNING -> {
                closing = request;
                if (forwarded == null) { // else it is cancelled already, and cleans up
                    cancelFor(request);
                }
            }
            case EMITTED -> {
                closing = request;
                cancelFor(request);
                dropItem();
                phase = Phase.RUNNING;
                continueLater();
            }
        }
    }

    /// Takes the next step at once, in which every await point throws, for a loop that runs no more
    /// turns.
    void cutOff() {
        closing = Closing.LOOP_CLOSED;
        dropItem();
        phase = Phase.RUNNING;
        cancelAndStep(Closing.LOOP_CLOSED);
    }

    @Override
    @Nullable Throwable settle() {
        var fatal = super.settle();
        phase = Phase.ENDED;
        over = true;
        if (whenUnreachable != null) {
            whenUnreachable.clean();
        }
        loop().generators().ended(this);
        if (turn != null) {
            turn.finishUnlessDone(null);
        }
        if (consumer == null) {
            outcomeTaken = true;
            reportFailure();
        }
        return fatal;
    }

    private void reportFailure() {
        if (hasFailed()) {
            var failure = Futures.failureOf(this);
            var report =
                    LoopException.of("a generator failed while it was closed", failure)
                            .with("generator", source);
            contextOfReports().run(() -> loop().callExceptionHandler(report));
        }
    }

    @Override
    boolean hasEnded() {
        return abandoned || super.hasEnded();
    }

    // ---- the body's side

    private void emit(T value) {
        if (loop().execution().task() != this || thread() != Thread.currentThread()) {
            throw new IllegalStateException(
                    "emit() of the "
                            + source
                            + " was called outside its body; a task started there hands its items"
                            + " to the body by a queue");
        }
        if (closing != null) {
            throw refuse(value);
        }
        returnForwarded();
        handMdc();
        item = value;
        hasItem = true;
        phase = Phase.EMITTED;
        if (turn != null) {
            turn.finishUnlessDone(null);
        }
        try {
            suspendForChild();
        } catch (IllegalStateException pinned) {
            dropItem();
            phase = Phase.RUNNING;
            throw pinned;
        }
        installMdc();
        deliverUndelivered();
        if (closing != null) {
            throw requests()
                    .deliver(closing); // a shielded scope holds it back from await points only
        }
    }

    /// A request to cancel that the body has not felt goes back to the consumer, who goes on now.
    private void returnForwarded() {
        if (forwarded != null && requests().withdraw(forwarded)) {
            unfelt = forwarded;
        }
        forwarded = null;
    }

    private IllegalStateException refuse(T value) {
        var refusal =
                new IllegalStateException(
                        "the "
                                + source
                                + " was closed and ignores it: it emitted "
                                + Descriptions.of(value)
                                + " after that; let the CancelledError of emit() pass, and do not"
                                + " emit in a finally block");
        if (++refusals > REFUSALS) {
            abandoned = true;
            endWith(refusal);
            suspendForChild(); // for good
        }
        return refusal;
    }

    // ---- as others see it

    private void handMdc() {
        if (loop().carriesMdc()) {
            handedMdc = Mdc.snapshot();
        }
    }

    private void installMdc() {
        if (handedMdc != null) {
            Mdc.install(handedMdc);
        }
    }

    /// Code that the consumer runs by asking for an item is the consumer's.
    @Override
    CoroutineTask<?> onBehalfOf() {
        var current = consumer; // other threads ask too
        return current == null ? this : current.onBehalfOf();
    }

    @Override
    @Nullable CoroutineTask<?> consumer() {
        return consumer;
    }

    @Override
    String kind() {
        return "generator";
    }

    @Override
    String awaitedAs() {
        return "the " + source;
    }

    @Override
    String label() {
        return name() + ", " + source;
    }
}
