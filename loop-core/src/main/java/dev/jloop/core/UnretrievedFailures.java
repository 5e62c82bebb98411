package dev.jloop.core;

import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The exceptions of futures that nobody has looked at yet. Each is reported when its future has
/// become unreachable, and at the latest when the loop closes.
final class UnretrievedFailures {
    private static final Cleaner CLEANER = Cleaner.create();

    private final SelectorEventLoop loop;

    /// Changed by the loop's thread and by the cleaner's.
    private final Set<Failure> failures = ConcurrentHashMap.newKeySet();

    UnretrievedFailures(SelectorEventLoop loop) {
        this.loop = loop;
    }

    Failure add(DefaultFuture<?> future, Throwable exception) {
        var failure = new Failure(future.kind(), future.label(), exception);
        failures.add(failure);
        failure.whenUnreachable = CLEANER.register(future, failure::futureIsUnreachable);
        return failure;
    }

    /// Reports all that are left.
    void reportAll() {
        for (var failure : failures) {
            failure.report();
        }
    }

    /// What is known of the future, which it may not refer to.
    final class Failure {
        private final String kind;
        private final String label;
        private final Throwable exception;
        private Cleaner.Cleanable whenUnreachable = () -> {};

        Failure(String kind, String label, Throwable exception) {
            this.kind = kind;
            this.label = label;
            this.exception = exception;
        }

        void markRetrieved() {
            if (failures.remove(this)) {
                whenUnreachable.clean();
            }
        }

        /// On the cleaner's thread, or at once inside [#markRetrieved()].
        private void futureIsUnreachable() {
            if (!failures.contains(this)) {
                return;
            }
            try {
                loop.callSoonThreadsafe(this::report);
            } catch (IllegalStateException _) {
                report(); // the loop has closed meanwhile, so its thread can no longer be asked
            }
        }

        private void report() {
            if (failures.remove(this)) {
                loop.callExceptionHandler(
                        LoopException.of(
                                        "the exception of a " + kind + " was never looked at",
                                        exception)
                                .with(kind, label));
            }
        }
    }
}
