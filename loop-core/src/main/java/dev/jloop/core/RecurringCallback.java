package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// One object for all runs of a callback.
final class RecurringCallback implements RecurringHandle, Runnable {
    /// ```
    /// IDLE -schedule-> SCHEDULED -its turn-> RUNNING -returns-> IDLE
    ///                    ^  |                  |
    ///            schedule|  |cancel            |schedule
    ///                    |  v                  v
    ///                 CANCELLED            SCHEDULED
    /// ```
    private enum State {
        IDLE,
        SCHEDULED,
        RUNNING,
        CANCELLED
    }

    private final SelectorEventLoop loop;
    private final Runnable callback;
    private final Context context;
    private State state = State.IDLE;

    /// How many places in the queue belong to runs that were cancelled. A place cannot be taken
    /// out, and who is scheduled again has to wait for a later one.
    private int placesToSkip;

    /// Which filling of the loop's queue the two fields above speak of: a loop that closes drops
    /// everything.
    private long era;

    /// In debug mode.
    private @Nullable Throwable scheduledAt;

    RecurringCallback(SelectorEventLoop loop, Runnable callback, Context context) {
        this.loop = loop;
        this.callback = callback;
        this.context = loop.withMdc(context);
    }

    @Override
    public boolean schedule() {
        loop.checkThread("schedule");
        forgetDroppedPlaces();
        if (state == State.SCHEDULED) {
            return false;
        }
        loop.enqueue(this);
        state = State.SCHEDULED;
        scheduledAt = loop.creationSite(callback);
        return true;
    }

    private void forgetDroppedPlaces() {
        var current = loop.queueEra();
        if (era != current) {
            era = current;
            placesToSkip = 0;
            state = state == State.SCHEDULED ? State.IDLE : state;
        }
    }

    /// Called by the loop in a turn.
    @Override
    public void run() {
        if (placesToSkip > 0) {
            placesToSkip--;
            return;
        }
        state = State.RUNNING;
        try {
            loop.execution().run(callback, context, this);
        } finally {
            if (state == State.RUNNING) {
                state = State.IDLE;
            }
        }
    }

    @Override
    public boolean cancel() {
        loop.checkThread("cancel");
        forgetDroppedPlaces();
        if (state != State.SCHEDULED) {
            return false;
        }
        state = State.CANCELLED;
        placesToSkip++;
        return true;
    }

    @Override
    public boolean isCancelled() {
        return state == State.CANCELLED;
    }

    @Override
    public Context context() {
        return context;
    }

    @Nullable Throwable scheduledAt() {
        return scheduledAt;
    }

    @Override
    public String toString() {
        var described = Descriptions.of(callback);
        return switch (state) {
            case IDLE -> "RecurringHandle[idle: " + described + "]";
            case SCHEDULED -> "RecurringHandle[" + described + "]";
            case RUNNING -> "RecurringHandle[started: " + described + "]";
            case CANCELLED -> "RecurringHandle[cancelled: " + described + "]";
        };
    }
}
