package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// The results of several futures, in the order the futures were given.
///
/// @param <T> the type of the children's results
/// @param <R> what the list holds for each child
final class GatherFuture<T extends @Nullable Object, R extends @Nullable Object>
        extends DefaultFuture<List<R>> {
    private final List<LoopFuture<? extends T>> children;
    private final Set<LoopFuture<? extends T>> distinct;
    private final Function<LoopFuture<? extends T>, R> entry;
    private final boolean failFast;
    private int pending;
    private @Nullable Cancellation requested;

    private GatherFuture(
            SelectorEventLoop loop,
            Collection<? extends LoopFuture<? extends T>> children,
            Function<LoopFuture<? extends T>, R> entry,
            boolean failFast) {
        super(loop);
        this.children = List.copyOf(children);
        this.distinct = new LinkedHashSet<>(this.children);
        this.entry = entry;
        this.failFast = failFast;
        this.pending = distinct.size();
    }

    /// Fails with the first failure.
    static <T extends @Nullable Object> LoopFuture<List<T>> ofResults(
            Collection<? extends LoopFuture<? extends T>> futures) {
        return new GatherFuture<T, T>(
                        Futures.commonLoop("gather", futures), futures, LoopFuture::result, true)
                .start();
    }

    /// Waits for all, however they end.
    static <T extends @Nullable Object> LoopFuture<List<Outcome<T>>> ofOutcomes(
            Collection<? extends LoopFuture<? extends T>> futures) {
        return new GatherFuture<T, Outcome<T>>(
                        Futures.commonLoop("gatherSettled", futures), futures, Outcome::of, false)
                .start();
    }

    private LoopFuture<List<R>> start() {
        if (distinct.isEmpty()) {
            finish(List.of());
        }
        for (var child : distinct) {
            Futures.whenDone(child, () -> childDone(child));
        }
        return this;
    }

    /// Any thread. {@return what is gathered, without repetitions}
    Set<LoopFuture<? extends T>> children() {
        return distinct;
    }

    private void childDone(LoopFuture<? extends T> child) {
        pending--;
        if (isDone()) {
            Futures.markRetrieved(child);
        } else if (failFast && child.isCancelled()) {
            // The gather itself was not cancelled, so it fails with the child's cancellation.
            fail(Futures.cancellationOf(child));
        } else if (failFast && Futures.hasFailed(child)) {
            fail(Futures.failureOf(child));
        } else if (pending == 0) {
            complete();
        }
    }

    private void complete() {
        if (requested != null) {
            fail(requested.toError());
            return;
        }
        var results = new ArrayList<R>(children.size());
        for (var child : children) {
            results.add(entry.apply(child));
        }
        finish(Collections.unmodifiableList(results));
    }

    @Override
    String awaitedAs() {
        return "a gather";
    }

    /// Cancels the children; the gather ends when they have.
    @Override
    boolean cancelFor(Cancellation request) {
        markRetrieved();
        if (isDone()) {
            return false;
        }
        var any = false;
        for (var child : distinct) {
            any |= Futures.cancel(child, request);
        }
        if (any) {
            requested = request;
        }
        return any;
    }
}
