package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;

/// A coroutine cannot wait while it initialises a class, and must say so instead of hanging.
class StaticInitialiserTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private static final List<String> CALLS = new ArrayList<>();

    private static final class AwaitsInItsInitialiser {
        static final String VALUE;

        static {
            var pending = EventLoop.current().<String>createFuture();
            assertThatIllegalStateException()
                    .isThrownBy(pending::await)
                    .withMessageContaining("static initialiser")
                    .withMessageContaining("start a task from it");
            assertThatIllegalStateException().isThrownBy(Async::yieldNow);
            VALUE = "initialised";
        }

        private AwaitsInItsInitialiser() {}
    }

    @Test
    void anAwaitInAStaticInitialiserFailsAndTheCoroutineGoesOn() {
        kit.run(() -> {
            assertThat(AwaitsInItsInitialiser.VALUE).isEqualTo("initialised");
            kit.loop().callSoon(() -> CALLS.add("callback"));
            Async.yieldNow();
            CALLS.add("after");
        });
        assertThat(CALLS).containsExactly("callback", "after");
    }

    private static final class AwaitsADoneFuture {
        static final String VALUE;

        static {
            var done = EventLoop.current().<String>createFuture();
            done.setResult("done");
            VALUE = done.await();
        }

        private AwaitsADoneFuture() {}
    }

    @Test
    void anAwaitThatNeedNotWaitIsAllowed() {
        kit.run(() -> {
            assertThat(AwaitsADoneFuture.VALUE).isEqualTo("done");
        });
    }

    private static final class NeededByTwo {
        static final String VALUE;

        static {
            var seen = new ArrayList<String>();
            try {
                Async.sleep(java.time.Duration.ofSeconds(1));
            } catch (IllegalStateException refused) {
                seen.add("refused");
            }
            VALUE = String.join("", seen);
        }

        private NeededByTwo() {}
    }

    @Test
    void twoCoroutinesThatNeedTheClassBothGetIt() {
        kit.run(() -> {
            var both =
                    List.of(
                            Async.createTask(() -> NeededByTwo.VALUE),
                            Async.createTask(() -> NeededByTwo.VALUE));
            assertThat(Async.gather(both).await()).containsExactly("refused", "refused");
        });
    }
}
