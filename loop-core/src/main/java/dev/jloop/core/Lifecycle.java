package dev.jloop.core;

import java.util.concurrent.atomic.AtomicReference;

/// Where a loop is in its life, and what it may not do there. Thread-safe.
///
/// ```
/// IDLE -run-> RUNNING -run ends-> IDLE -close-> CLOSING -> CLOSED
/// ```
final class Lifecycle {
    private enum State {
        IDLE,
        RUNNING,
        CLOSING,
        CLOSED
    }

    private final SelectorEventLoop loop;
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

    Lifecycle(SelectorEventLoop loop) {
        this.loop = loop;
    }

    boolean isRunning() {
        return state.get() == State.RUNNING;
    }

    boolean isClosed() {
        return state.get() == State.CLOSED;
    }

    void checkOpen() {
        if (isClosed()) {
            throw new IllegalStateException(
                    loop + " is closed; make a new one, or keep this one open longer");
        }
    }

    void checkCanRun() {
        Misuse.checkNoLoopRunsHere(loop);
        checkOpen();
        switch (state.get()) {
            case RUNNING ->
                    throw new IllegalStateException(
                            loop + " is already running, on another thread");
            case CLOSING -> throw new IllegalStateException(loop + " is closing");
            case IDLE, CLOSED -> {}
        }
    }

    void runStarts() {
        checkCanRun();
        while (!state.compareAndSet(State.IDLE, State.RUNNING)) {
            checkCanRun(); // another thread was faster, which this says
        }
    }

    void runEnds() {
        state.set(State.IDLE);
    }

    /// {@return whether the loop has to be closed now; false where it is or somebody is at it}
    boolean closingStarts() {
        if (state.compareAndSet(State.IDLE, State.CLOSING)) {
            return true;
        }
        if (isRunning()) {
            throw new IllegalStateException(
                    "cannot close " + loop + " while it runs; stop it first");
        }
        return false;
    }

    void closingEnds() {
        state.set(State.CLOSED);
    }
}
