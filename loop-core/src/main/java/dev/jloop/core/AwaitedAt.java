package dev.jloop.core;

/// Where a failure crossed from the future or task that failed into the task that awaited it: a
/// suppressed exception of the failure, whose stack is that of the awaiting coroutine.
///
/// A failure is thrown at an await point as the very instance that the other side threw, so its own
/// stack ends there. Each crossing adds one of these, up to [#LONGEST_WAY]; only who awaits a
/// future first is noted, and nothing is where the exception was made without room for suppressed
/// ones. Checked exceptions come as the cause of a `CompletionException`, whose stack shows the
/// same, and have these too.
///
/// @since 0.1
public final class AwaitedAt extends Exception {
    private static final long serialVersionUID = 1L;

    /// How many crossings of one failure are noted.
    public static final int LONGEST_WAY = 16;

    private AwaitedAt(String message) {
        super(message, null, false, true);
    }

    /// Notes that `awaiting` has met `failure` in `future`. Called by the awaiting coroutine.
    static void addTo(Throwable failure, Task<?> awaiting, DefaultFuture<?> future) {
        var crossings = 0;
        for (var suppressed : failure.getSuppressed()) {
            if (suppressed instanceof AwaitedAt) {
                crossings++;
            }
        }
        if (crossings < LONGEST_WAY) {
            failure.addSuppressed(
                    new AwaitedAt(
                            "task '"
                                    + awaiting.name()
                                    + "' awaited "
                                    + future.awaitedAs()
                                    + " here"));
        }
    }
}
