package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;

/// A subclass may put a context around its turns, which is not that of what runs in them.
@Timeout(30)
class TurnContextTest {
    private static final ContextVar<String> WHO = ContextVar.create("who", "nobody");

    private final ArrayList<String> seen = new ArrayList<>();

    private final class LoopInAContext extends SelectorEventLoop {
        private final Context around = Context.empty();

        LoopInAContext() {
            super(SelectorEventLoop.builder().debug(false));
        }

        @Override
        protected void runOnce() {
            around.run(() -> {
                WHO.set("the loop");
                super.runOnce();
                seen.add("after the turn: " + WHO.get());
            });
        }
    }

    @Test
    void aCallbackRunsInItsOwnContextAndTheTurnEndsInThatOfTheSubclass() {
        try (var loop = new LoopInAContext()) {
            loop.callSoon(() -> {
                seen.add("callback: " + WHO.get());
                WHO.set("a callback");
                loop.stop();
            });
            loop.runForever();
        }

        assertThat(seen).startsWith("callback: nobody", "after the turn: the loop");
    }
}
