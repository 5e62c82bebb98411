package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.LoopFuture;
import dev.jloop.transports.TlsTasks;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class TlsTasksTest {
    @Test
    void theTasksOfTlsHandshakesRunOnTheLoopsOwnThread() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.runUntilComplete(() -> {
                var threads = new ArrayList<Thread>();
                LoopFuture<Boolean> done = loop.createFuture();
                loop.callSoon(() -> threads.add(Thread.currentThread()));
                TlsTasks.of(loop)
                        .run(
                                () -> threads.add(Thread.currentThread()),
                                failure -> done.setResult(failure == null));
                assertThat(done.await()).isTrue();
                assertThat(threads).hasSize(2);
                assertThat(threads.getFirst()).isSameAs(threads.getLast());
            });
        }
    }

    @Test
    void whatATaskThrowsIsToldWhateverItIs() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.runUntilComplete(() -> {
                for (var thrown : List.of(new IllegalStateException(), new AssertionError())) {
                    LoopFuture<Throwable> done = loop.createFuture();
                    TlsTasks.of(loop).run(() -> raise(thrown), done::setResult);
                    assertThat(done.await()).isSameAs(thrown);
                }
            });
        }
    }

    private static void raise(Throwable unchecked) {
        if (unchecked instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) unchecked;
    }
}
