package dev.jloop.testkit;

/// One call that runs a loop from outside, up to some time.
///
/// RUNNING -nothing left in reach-> ARRIVED; RUNNING -too long-> ENDLESS.
final class Drive {
    enum Goal {
        /// What is ready now; time stands still.
        READY,
        /// What is due up to a time and at it.
        THROUGH,
        /// What is due before a time.
        BEFORE,
        /// Everything, as long as it is due up to a time.
        IDLE
    }

    enum State {
        RUNNING,
        ARRIVED,
        ENDLESS
    }

    /// More jumps than this mean that something runs again and again, whatever the time.
    private static final int MOST_JUMPS = 1_000_000;

    private final Goal goal;
    private final long limitNanos;
    private State state = State.RUNNING;
    private int jumps;

    Drive(Goal goal, long limitNanos) {
        this.goal = goal;
        this.limitNanos = limitNanos;
    }

    boolean waitsForOutsideWork() {
        return goal != Goal.READY;
    }

    boolean goesOnUntilIdle() {
        return goal == Goal.IDLE;
    }

    /// {@return whether the drive moves time to `deadlineNanos`}
    boolean reaches(long deadlineNanos) {
        var inReach =
                switch (goal) {
                    case READY -> false;
                    case THROUGH -> deadlineNanos <= limitNanos;
                    case BEFORE -> deadlineNanos < limitNanos;
                    case IDLE -> deadlineNanos <= limitNanos && ++jumps <= MOST_JUMPS;
                };
        if (!inReach && goal == Goal.IDLE) {
            state = State.ENDLESS;
        }
        return inReach;
    }

    /// Ends the drive, with nothing left to do for it.
    void end() {
        if (state == State.RUNNING) {
            state = State.ARRIVED;
        }
    }

    State state() {
        return state;
    }

    int jumps() {
        return jumps;
    }
}
