package dev.jloop.core.sync;

import dev.jloop.core.CancelledError;

import org.jspecify.annotations.Nullable;

/// Lets a fixed number of coroutines wait for one another, again and again.
///
/// When the last party arrives, all of them go on, and the barrier drains: who comes before all
/// have left waits for the next round. A party that is cancelled while it waits just leaves, and
/// another has to come in its place.
///
/// **Threading:** the coroutines of one loop, that of the first one that had to wait; a coroutine
/// of another is refused. In debug mode a call from a wrong thread throws `WrongThreadException`.
///
/// The semantics are those of Python's `asyncio.Barrier`.
///
/// @since 0.1
public final class AsyncBarrier {
    /// ```
    /// FILLING -last party arrives-> DRAINING -all have left-> FILLING
    /// FILLING, DRAINING, BROKEN -reset, some have not left-> RESETTING -all have left-> FILLING
    /// BROKEN -reset, all have left-> FILLING
    /// any -abort-> BROKEN
    /// ```
    private enum State {
        FILLING,
        DRAINING,
        RESETTING,
        BROKEN
    }

    /// A barrier at one moment.
    ///
    /// @param parties how many have to arrive
    /// @param waiting how many have arrived and wait for the others; zero while the barrier drains
    /// @param blocked how many came while it drained or was reset, and wait for the next round
    /// @param broken whether it was aborted
    /// @since 0.1
    public record Statistics(int parties, int waiting, int blocked, boolean broken) {}

    /// Given to a party in place of its index.
    private static final int NO_INDEX = -1;

    private final LoopBinding binding = new LoopBinding();
    private final int parties;

    /// Parties of this round; each is given its index.
    private final Waiters<Integer> arrived = new Waiters<>(binding, this);

    /// Who came while the barrier drained or was reset.
    private final Waiters<@Nullable Void> blocked = new Waiters<>(binding, this);

    private State state = State.FILLING;

    /// Parties that were woken and have not run since.
    private int leaving;

    /// A barrier for a number of coroutines.
    ///
    /// @param parties how many have to arrive, at least 1
    /// @throws IllegalArgumentException if it is less
    public AsyncBarrier(int parties) {
        if (parties < 1) {
            throw new IllegalArgumentException(
                    "a barrier needs at least 1 party, and not " + parties);
        }
        this.parties = parties;
    }

    /// Arrives, and waits for the other parties. **Suspends**, except for the last to arrive while
    /// the barrier fills.
    ///
    /// @return the index of this party, unlike that of the others: 0 for the first of those that
    ///   arrived, and one less than the number of parties for the last
    /// @throws BarrierBrokenException if the barrier was aborted, or is reset or aborted before
    ///   this party has left it
    /// @throws CancelledError if the task is cancelled meanwhile; unless all had arrived already,
    ///   another party has to come in its place
    /// @throws IllegalStateException if it would have to wait and is no coroutine, or coroutines of
    ///   another loop have waited here
    public int await() {
        binding.checkThread("await");
        awaitNextRound();
        if (isLastToArrive()) {
            open();
            leave();
            return parties - 1;
        }
        var index = arrived.await(_ -> leave());
        var stateOnLeaving = state;
        leave();
        if (stateOnLeaving != State.DRAINING) {
            throw new BarrierBrokenException(
                    "the barrier was "
                            + (stateOnLeaving == State.BROKEN ? "aborted" : "reset")
                            + " while this party waited");
        }
        return index;
    }

    /// Parties that were cancelled and have not run since no longer count; whether there are such
    /// is looked at only where it matters.
    private boolean isLastToArrive() {
        return arrived.size() >= parties - 1 && arrived.countWithoutCancelled() == parties - 1;
    }

    private void awaitNextRound() {
        while (state == State.DRAINING || state == State.RESETTING) {
            blocked.await();
        }
        if (state == State.BROKEN) {
            throw new BarrierBrokenException("the barrier was aborted; reset() makes it usable");
        }
    }

    private void open() {
        state = State.DRAINING;
        leaving = parties;
        for (var index = 0; index < parties - 1; index++) {
            arrived.wakeNext(index);
        }
    }

    private void leave() {
        leaving--;
        if (leaving == 0 && state != State.BROKEN) {
            fill();
        }
    }

    private void fill() {
        state = State.FILLING;
        blocked.wakeAll(null);
    }

    /// Starts a new round. Who waits for the other parties, or has not left the barrier yet, gets
    /// [BarrierBrokenException]; who was to take part in the next round does. A broken barrier can
    /// be used again.
    public void reset() {
        binding.checkThread("reset");
        leaving += arrived.wakeAll(NO_INDEX);
        if (leaving > 0) {
            state = State.RESETTING;
        } else {
            fill();
        }
    }

    /// Breaks the barrier: all who wait get [BarrierBrokenException], and so does everybody who
    /// comes until [#reset()].
    public void abort() {
        binding.checkThread("abort");
        state = State.BROKEN;
        leaving += arrived.wakeAll(NO_INDEX);
        blocked.wakeAll(null);
    }

    /// {@return whether the barrier was aborted, and not reset since}
    public boolean isBroken() {
        binding.checkThread("isBroken");
        return state == State.BROKEN;
    }

    /// {@return how many have to arrive} Any thread may ask.
    public int parties() {
        return parties;
    }

    /// {@return how many have arrived and wait for the others; zero while the barrier drains}
    public int waiting() {
        binding.checkThread("waiting");
        return arrived.size();
    }

    /// {@return what is known of the barrier now}
    public Statistics statistics() {
        binding.checkThread("statistics");
        return new Statistics(parties, arrived.size(), blocked.size(), state == State.BROKEN);
    }

    @Override
    public String toString() {
        return "AsyncBarrier["
                + describeState()
                + ", waiting="
                + arrived.size()
                + " of "
                + parties
                + (blocked.size() > 0 ? ", blocked=" + blocked.size() : "")
                + "]";
    }

    private String describeState() {
        return switch (state) {
            case FILLING -> "filling";
            case DRAINING -> "draining";
            case RESETTING -> "resetting";
            case BROKEN -> "broken";
        };
    }
}
