package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Cleaner;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The exceptions of futures that nobody has looked at yet. Each is reported when its future has
/// become unreachable, unless that is switched off, and at the latest when the loop closes.
final class UnretrievedFailures {
    /// For all that has to be told of when it is gone.
    static final Cleaner CLEANER = Cleaner.create();

    private final SelectorEventLoop loop;
    private final boolean reportUnreachable;

    /// Changed by the loop's thread and by the cleaner's. Where the cleaner has no part in it, in
    /// the order in which the futures have failed.
    private final Set<Failure> failures;

    UnretrievedFailures(SelectorEventLoop loop, boolean reportUnreachable) {
        this.loop = loop;
        this.reportUnreachable = reportUnreachable;
        failures = reportUnreachable ? ConcurrentHashMap.newKeySet() : new LinkedHashSet<>();
    }

    Failure add(DefaultFuture<?> future, Throwable exception) {
        var failure =
                new Failure(
                        future.kind(),
                        future.label(),
                        future.contextOfReports(),
                        exception,
                        future.createdAt());
        failures.add(failure);
        if (reportUnreachable) {
            failure.whenUnreachable = CLEANER.register(future, failure::futureIsUnreachable);
        }
        return failure;
    }

    /// Reports all that are left.
    void reportAll() {
        for (var failure : List.copyOf(failures)) {
            failure.report();
        }
    }

    /// What is known of the future, which it may not refer to.
    final class Failure {
        private final String kind;
        private final String label;
        private final Context context;
        private final Throwable exception;
        private final @Nullable Throwable createdAt;
        private Cleaner.Cleanable whenUnreachable = () -> {};

        Failure(
                String kind,
                String label,
                Context context,
                Throwable exception,
                @Nullable Throwable createdAt) {
            this.kind = kind;
            this.label = label;
            this.context = context;
            this.exception = exception;
            this.createdAt = createdAt;
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
                // The loop has closed, and the exception handler belongs to its thread.
                if (failures.remove(this)) {
                    loop.failures().log(describe());
                }
            }
        }

        private void report() {
            if (failures.remove(this)) {
                context.run(() -> loop.callExceptionHandler(describe()));
            }
        }

        private LoopException describe() {
            return Failures.withSite(
                    LoopException.of(
                                    "the exception of a " + kind + " was never looked at",
                                    exception)
                            .with(kind, label),
                    createdAt);
        }
    }
}
