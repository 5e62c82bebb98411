package dev.jloop.netty;

import dev.jloop.core.EventLoop;
import dev.jloop.core.TimerHandle;

import org.jspecify.annotations.Nullable;

/// A deadline that is set anew for each message, and hardly ever reached. Its timer is left where
/// it is when the deadline moves away, and looks there when it comes.
///
/// ```
/// AT_REST -start-> RUNNING -deadline-> OVER;   RUNNING, OVER -stop-> AT_REST
/// any -end-> AT_REST, without a timer
/// ```
final class Patience {
    private enum State {
        AT_REST,
        RUNNING,
        OVER
    }

    private final EventLoop loop;
    private final Runnable whenOver;
    private State state = State.AT_REST;
    private long deadline;
    private @Nullable TimerHandle timer;

    /// What the timer is set to; it may come before the deadline, but never after it.
    private long timerAt;

    /// @param whenOver called when a deadline is reached
    Patience(EventLoop loop, Runnable whenOver) {
        this.loop = loop;
        this.whenOver = whenOver;
    }

    /// @param nanos how long from now on; where it is not positive, the time is over already
    void start(long nanos) {
        if (nanos <= 0) {
            state = State.OVER;
            return;
        }
        state = State.RUNNING;
        deadline = LoopExecutor.deadline(loop, nanos);
        if (timer != null && timerAt - deadline > 0) {
            timer.cancel();
            timer = null;
        }
        if (timer == null) {
            arm();
        }
    }

    private void arm() {
        timerAt = deadline;
        timer = loop.callAt(deadline, this::look);
    }

    private void look() {
        timer = null;
        if (state != State.RUNNING) {
            return; // the next start arms it again
        }
        if (deadline - loop.time() > 0) {
            arm();
        } else {
            state = State.OVER;
            whenOver.run();
        }
    }

    boolean isOver() {
        return state == State.OVER;
    }

    void stop() {
        state = State.AT_REST;
    }

    /// Lets go of the timer.
    void end() {
        stop();
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
