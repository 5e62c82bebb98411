package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/// A question that is asked once, and those who wait for the answer.
final class Query<V> {
    private final EventLoop loop;
    private final Question<V> question;
    private final Set<LoopFuture<Answer<V>>> waiters = new LinkedHashSet<>();
    private long startedAt;

    // Only where somebody waits: time need not stand still for an answer that nobody awaits.
    private EventLoop.@Nullable OutsideWork work;

    Query(EventLoop loop, Question<V> question) {
        this.loop = loop;
        this.question = question;
    }

    Question<V> question() {
        return question;
    }

    /// {@return a future of the answer, which is not cancelled with others}
    LoopFuture<Answer<V>> join() {
        if (work == null) {
            work = loop.beginOutsideWork("looking up " + question.text());
        }
        LoopFuture<Answer<V>> waiter = loop.createFuture("the lookup of " + question.text());
        waiters.add(waiter);
        return waiter;
    }

    /// {@return whether anybody is left who waits}
    boolean leave(LoopFuture<Answer<V>> waiter) {
        waiters.remove(waiter);
        if (waiters.isEmpty()) {
            endWork();
        }
        return !waiters.isEmpty();
    }

    void started() {
        startedAt = loop.time();
    }

    long startedAt() {
        return startedAt;
    }

    void answer(Answer<V> answer) {
        for (var waiter : new ArrayList<>(waiters)) {
            if (!waiter.isDone()) {
                waiter.setResult(answer);
            }
        }
        endWork();
    }

    private void endWork() {
        if (work != null) {
            work.close();
            work = null;
        }
    }
}
