package dev.jloop.testkit;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.util.function.BooleanSupplier;

/// Runs a callback once in each turn in which a condition holds.
///
/// OFF -start-> ON; ON -stop-> OFF; any -end-> ENDED.
final class Watch {
    private enum State {
        OFF,
        ON,
        ENDED
    }

    private final EventLoop loop;
    private final BooleanSupplier ready;
    private State state = State.OFF;
    private Runnable callback = () -> {};
    private @Nullable Context context;
    private boolean scheduled;

    /// @param ready whether there is something to do
    Watch(EventLoop loop, BooleanSupplier ready) {
        this.loop = loop;
        this.ready = ready;
    }

    /// Watches from now on, in the current context.
    void start(Runnable newCallback) {
        if (state == State.ENDED) {
            return;
        }
        state = State.ON;
        callback = newCallback;
        context = Context.copyCurrent();
        check();
    }

    void stop() {
        if (state == State.ON) {
            state = State.OFF;
        }
    }

    /// Stops for good.
    void end() {
        state = State.ENDED;
    }

    /// To be called whenever the condition may have come true.
    void check() {
        if (state == State.ON && !scheduled && ready.getAsBoolean() && context != null) {
            scheduled = true;
            loop.callSoon(this::run, context);
        }
    }

    private void run() {
        scheduled = false;
        if (state == State.ON && ready.getAsBoolean()) {
            try {
                callback.run();
            } finally {
                check();
            }
        }
    }
}
