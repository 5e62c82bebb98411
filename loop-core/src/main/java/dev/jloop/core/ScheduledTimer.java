package dev.jloop.core;

/// A callback that waits in the timer queue until its deadline.
final class ScheduledTimer extends ScheduledCallback implements TimerHandle {
    private static final int NOT_QUEUED = -1;

    private final TimerQueue queue;
    private final long deadlineNanos;
    private final long sequence;

    /// Where it stands in the queue's heap; kept by the queue.
    private int position = NOT_QUEUED;

    ScheduledTimer(
            SelectorEventLoop loop,
            Runnable callback,
            ContextCopy context,
            TimerQueue queue,
            long deadlineNanos,
            long sequence) {
        super(loop, callback, context);
        this.queue = queue;
        this.deadlineNanos = deadlineNanos;
        this.sequence = sequence;
    }

    @Override
    public boolean cancel() {
        if (!super.cancel()) {
            return false;
        }
        if (position != NOT_QUEUED) {
            queue.remove(this);
        }
        return true;
    }

    @Override
    public long when() {
        return deadlineNanos;
    }

    /// {@return the place in the order of registration}
    long sequence() {
        return sequence;
    }

    int position() {
        return position;
    }

    void moveTo(int newPosition) {
        position = newPosition;
    }

    void leaveQueue() {
        position = NOT_QUEUED;
    }

    @Override
    public String toString() {
        return "TimerHandle[" + describe() + ", when=" + deadlineNanos + "]";
    }
}
