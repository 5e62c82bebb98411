package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

class HandleTest {
    private static final long SAFETY_NET_NANOS = TimeUnit.SECONDS.toNanos(20);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private static final class Named implements Runnable {
        @Override
        public void run() {}

        @Override
        public String toString() {
            return "the named callback";
        }
    }

    @Test
    void theFirstCancelPreventsTheCallbackAndTheSecondSaysNo() {
        var handle = kit.loop().callSoon(() -> {});
        assertThat(handle.isCancelled()).isFalse();
        assertThat(handle.cancel()).isTrue();
        assertThat(handle.cancel()).isFalse();
        assertThat(handle.isCancelled()).isTrue();
    }

    @Test
    void aCancelAfterTheCallbackHasStartedComesTooLate() {
        var handle = new Handle[1];
        var inside = new Boolean[1];
        handle[0] = kit.loop().callSoon(() -> inside[0] = handle[0].cancel());

        kit.runOneTurn();

        assertThat(inside[0]).isFalse();
        assertThat(handle[0].cancel()).isFalse();
        assertThat(handle[0].isCancelled()).isFalse();
    }

    @Test
    void aCancelledHandleLetsGoOfItsCallback() {
        var handle = kit.loop().callSoon(() -> {});
        var timer = kit.loop().callLater(Duration.ofDays(1), () -> {});
        var ofHandle = cancelledCallback(false);
        var ofTimer = cancelledCallback(true);

        awaitCollection(ofHandle);
        awaitCollection(ofTimer);

        assertThat(handle.isCancelled()).isFalse();
        assertThat(timer.isCancelled()).isFalse();
    }

    private WeakReference<Runnable> cancelledCallback(boolean timer) {
        var callback = new Named();
        var handle =
                timer
                        ? kit.loop().callLater(Duration.ofDays(1), callback)
                        : kit.loop().callSoon(callback);
        handle.cancel();
        return new WeakReference<>(callback);
    }

    @Test
    void aSubmittedHandleThatHasRunKeepsNoOtherOfItsTurn() {
        var before = submittedCallback();
        var kept = kit.loop().callSoonThreadsafe(() -> {});
        var after = submittedCallback();

        kit.runOneTurn();
        awaitCollection(before);
        awaitCollection(after);

        assertThat(kept.isCancelled()).isFalse();
    }

    @Test
    void aSubmittedHandleThatAClosedLoopHasDroppedKeepsNoOther() {
        var before = submittedCallback();
        var kept = kit.loop().callSoonThreadsafe(() -> {});
        var after = submittedCallback();

        kit.loop().close();
        awaitCollection(before);
        awaitCollection(after);

        assertThat(kept.isCancelled()).isFalse();
    }

    private WeakReference<Runnable> submittedCallback() {
        var callback = new Named();
        kit.loop().callSoonThreadsafe(callback);
        return new WeakReference<>(callback);
    }

    private static void awaitCollection(WeakReference<?> reference) {
        var end = System.nanoTime() + SAFETY_NET_NANOS;
        while (reference.get() != null) {
            assertThat(System.nanoTime()).as("the callback is kept").isLessThan(end);
            System.gc();
        }
    }

    @Test
    void aHandleShowsItsCallbackItsDeadlineAndItsCancellation() {
        var handle = kit.loop().callSoon(new Named());
        var timer = kit.loop().callAt(1234, new Named());
        assertThat(handle).hasToString("Handle[the named callback]");
        assertThat(timer.toString()).contains("the named callback").contains("1234");
        handle.cancel();
        assertThat(handle.toString()).contains("cancelled");
    }

    @Test
    void aHandleShowsItsCallbackWhileItRuns() {
        var shown = new String[1];
        var handle = new Handle[1];
        var callback =
                new Runnable() {
                    @Override
                    public void run() {
                        shown[0] = handle[0].toString();
                    }

                    @Override
                    public String toString() {
                        return "the named callback";
                    }
                };
        handle[0] = kit.loop().callSoon(callback);

        kit.runOneTurn();

        assertThat(shown[0]).contains("the named callback");
    }

    @Test
    void aHandleGivesTheContextItsCallbackRunsIn() {
        var variable = ContextVar.<String>create("variable");
        var context = Context.copyCurrent();
        context.run(() -> variable.set("given"));
        var seen = new String[1];

        var handle = kit.loop().callSoon(() -> seen[0] = variable.get(), context);
        kit.runOneTurn();

        assertThat(handle.context()).isSameAs(context);
        assertThat(seen[0]).isEqualTo("given");
    }
}
