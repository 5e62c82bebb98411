package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.TimerHandle;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/// The queries under way, on a limited number of threads. Loop thread only, but for the threads'
/// own work.
///
/// Each question has one query at most. Neither set of queries needs a bound: a queued one has a
/// coroutine that waits for it, and a running one a thread.
final class Lookups {
    private static final Logger LOG = LoggerFactory.getLogger(Lookups.class);
    private static final long STUCK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long SLOW_NANOS = Duration.ofMillis(100).toNanos();
    private static final int STUCK_FACTOR = 4;

    private final EventLoop loop;
    private final NameService names;
    private final AnswerCache cache;
    private final Executor executor;
    private final int maxFresh;
    private final int maxRunning;
    private final Map<Question<?>, Query<?>> underWay = new HashMap<>();
    private final Set<Query<?>> queued = new LinkedHashSet<>();
    private final Set<Query<?>> running = new LinkedHashSet<>(); // in the order of their start

    // Only while a query is queued that may start as soon as another counts as stuck.
    private @Nullable TimerHandle nextStuck;

    /// @param executor runs each task at once on a thread of its own
    Lookups(EventLoop loop, NameService names, AnswerCache cache, Executor executor, int threads) {
        this.loop = loop;
        this.names = names;
        this.cache = cache;
        this.executor = executor;
        maxFresh = threads;
        maxRunning = (int) Math.min(Integer.MAX_VALUE, (long) threads * STUCK_FACTOR);
    }

    /// {@return the query that answers the question, for [Query#join()] and then [#advance()]}
    @SuppressWarnings("unchecked") // each query is kept under its own question
    <V> Query<V> query(Question<V> question) {
        var known = underWay.get(question);
        if (known != null) {
            return (Query<V>) known;
        }
        var query = new Query<V>(loop, question);
        underWay.put(question, query);
        queued.add(query);
        return query;
    }

    /// Forgets a waiter, and with the last one a query that has no thread yet.
    <V> void leave(Query<V> query, LoopFuture<Answer<V>> waiter) {
        if (!query.leave(waiter) && queued.remove(query)) {
            underWay.remove(query.question());
            if (queued.isEmpty()) {
                cancelNextStuck();
            }
        }
    }

    /// Starts what may be started.
    void advance() {
        cancelNextStuck();
        var now = loop.time();
        var fresh = running.stream().filter(query -> !isStuck(query, now)).count();
        while (!queued.isEmpty() && fresh < maxFresh && running.size() < maxRunning) {
            start(queued.iterator().next());
            fresh++;
        }
        if (!queued.isEmpty() && running.size() < maxRunning) {
            awaitNextStuck(now);
        }
    }

    private void cancelNextStuck() {
        if (nextStuck != null) {
            nextStuck.cancel();
            nextStuck = null;
        }
    }

    private static boolean isStuck(Query<?> query, long now) {
        return now - query.startedAt() >= STUCK_NANOS;
    }

    private void awaitNextStuck(long now) {
        running.stream()
                .filter(query -> !isStuck(query, now))
                .findFirst()
                .ifPresent(oldest ->
                        nextStuck = loop.callAt(oldest.startedAt() + STUCK_NANOS, this::advance));
    }

    private <V> void start(Query<V> query) {
        queued.remove(query);
        running.add(query);
        query.started();
        try {
            executor.execute(() -> deliver(query, ask(query.question())));
        } catch (RuntimeException | OutOfMemoryError noThread) {
            deliver(query, new Answer.NotFound<>(noThread));
        }
    }

    private <V> Answer<V> ask(Question<V> question) {
        try {
            return new Answer.Found<>(question.ask(names));
        } catch (Exception | Error failure) {
            // Whatever it is, somebody waits for it.
            return new Answer.NotFound<>(failure);
        }
    }

    private <V> void deliver(Query<V> query, Answer<V> answer) {
        try {
            loop.callSoonThreadsafe(() -> ended(query, answer));
        } catch (IllegalStateException closed) {
            if (!loop.isClosed()) {
                throw closed;
            }
            // Whoever asked has ended with the loop.
        }
    }

    private <V> void ended(Query<V> query, Answer<V> answer) {
        var now = loop.time();
        var nanos = now - query.startedAt();
        if (loop.isDebug() && nanos >= SLOW_NANOS) {
            LOG.warn("Looking up {} took {}", query.question().text(), Seconds.text(nanos));
        }
        running.remove(query);
        underWay.remove(query.question());
        cache.put(query.question(), answer, now);
        query.answer(answer);
        advance();
    }

    /// {@return why there was no answer within a time}
    String excuse(Query<?> query, Duration time) {
        var within = " within " + Seconds.text(time);
        return queued.contains(query)
                ? "no thread was free"
                        + within
                        + ", as "
                        + running.size()
                        + " lookups are stuck, the oldest that of "
                        + running.iterator().next().question().text()
                : "no answer" + within;
    }
}
