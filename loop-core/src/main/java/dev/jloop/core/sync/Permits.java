package dev.jloop.core.sync;

/// A number of permits, and who waits for one: what locks, semaphores and both ends of a queue have
/// in common.
///
/// A permit that is given back goes to the one that has waited longest, before anybody else can
/// take it; so there are free ones only where nobody waits.
final class Permits {
    private enum Answer {
        GRANTED,
        REFUSED
    }

    private final Waiters<Answer> waiters;
    private int free;

    /// Handed over to waiters that have not run since.
    private int onTheWay;

    Permits(int free, LoopBinding binding, Object purpose) {
        this.free = free;
        this.waiters = new Waiters<>(binding, purpose);
    }

    boolean tryTake() {
        if (free == 0) {
            return false;
        }
        free--;
        return true;
    }

    /// Takes a permit. Suspends while there is none.
    ///
    /// @return false if it was told to give up, by [#refuseWaiters()]
    boolean take() {
        if (tryTake()) {
            return true;
        }
        var granted = waiters.await(this::handBack) == Answer.GRANTED;
        if (granted) {
            onTheWay--;
        }
        return granted;
    }

    private void handBack(Answer answer) {
        if (answer == Answer.GRANTED) {
            onTheWay--;
            give();
        }
    }

    void give() {
        if (waiters.wakeNext(Answer.GRANTED)) {
            onTheWay++;
        } else {
            free++;
        }
    }

    /// Tells all that wait now that they wait in vain.
    void refuseWaiters() {
        waiters.wakeAll(Answer.REFUSED);
    }

    /// Takes all that are free out of circulation.
    void dropFree() {
        free = 0;
    }

    int free() {
        return free;
    }

    /// {@return how many were handed over to waiters that have not run since}
    int onTheWay() {
        return onTheWay;
    }

    int waiters() {
        return waiters.size();
    }
}
