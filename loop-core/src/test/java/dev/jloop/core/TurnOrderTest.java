package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class TurnOrderTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private Runnable note(String call) {
        return () -> calls.add(call);
    }

    @Test
    void callbacksRunOnceEachInTheOrderTheyWereScheduledAndCancelledOnesNever() {
        kit.loop().callSoon(note("x"));
        var y = kit.loop().callSoon(note("y"));
        kit.loop().callSoon(note("z"));
        y.cancel();

        kit.runTurns(2);

        assertThat(calls).containsExactly("x", "z");
    }

    @Test
    void whatACallbackSchedulesRunsOnTheNextTurn() {
        kit.loop().callSoon(() -> kit.loop().callSoon(note("second")));

        kit.runOneTurn();
        assertThat(calls).isEmpty();

        kit.runOneTurn();
        assertThat(calls).containsExactly("second");
    }

    @Test
    void aTurnRunsWhatWasReadyThenChannelsThenTimers() throws IOException {
        var pipe = Pipe.open();
        try (var source = pipe.source();
                var sink = pipe.sink()) {
            source.configureBlocking(false);
            sink.configureBlocking(false);
            kit.loop().callLater(Duration.ofMillis(1), note("timer"));
            kit.clock.advance(Duration.ofMillis(1));
            kit.loop().addReader(source, note("reader"));
            kit.poller.makeReady(source);
            kit.loop().callSoon(note("ready"));

            kit.runOneTurn();

            assertThat(calls).containsExactly("ready", "reader", "timer");
        }
    }

    @Test
    void aTimerThatACallbackMakesDueAtOnceWaitsForTheNextTurn() {
        kit.loop().callSoon(() -> kit.loop().callLater(Duration.ZERO, note("timer")));
        kit.loop().callSoon(note("ready"));

        kit.runOneTurn();
        assertThat(calls).containsExactly("ready");

        kit.runOneTurn();
        assertThat(calls).containsExactly("ready", "timer");
    }

    @Test
    void aCallbackThatReschedulesItselfDoesNotKeepTimersAndChannelsWaiting() throws IOException {
        var pipe = Pipe.open();
        try (var source = pipe.source();
                var sink = pipe.sink()) {
            source.configureBlocking(false);
            sink.configureBlocking(false);
            kit.loop()
                    .addReader(
                            source,
                            () -> {
                                calls.add("reader");
                                kit.loop().removeReader(source);
                                kit.loop().stop();
                            });
            kit.loop().callLater(Duration.ofMillis(1), note("timer"));
            var turns = new int[1];
            var busy =
                    new Runnable() {
                        @Override
                        public void run() {
                            turns[0]++;
                            if (turns[0] == 10) {
                                kit.clock.advance(Duration.ofMillis(1));
                                kit.poller.makeReady(source);
                            }
                            kit.loop().callSoon(this);
                        }
                    };
            kit.loop().callSoon(busy);

            kit.loop().runForever();

            assertThat(calls).containsExactlyInAnyOrder("timer", "reader");
            assertThat(turns[0]).as("turns until the channel was looked at").isLessThan(100);
        }
    }

    @Test
    void whileThereIsWorkThePollDoesNotWait() {
        kit.loop().callLater(Duration.ofSeconds(10), note("timer"));
        kit.loop().callSoon(note("ready"));

        kit.runOneTurn();

        assertThat(kit.poller.timeouts).containsOnly(0L);
        assertThat(calls).containsExactly("ready");
    }

    @Test
    void whatWasLeftOfAStoppedRunRunsFirstInTheNextOne() throws IOException {
        var pipe = Pipe.open();
        try (var source = pipe.source();
                var sink = pipe.sink()) {
            source.configureBlocking(false);
            sink.configureBlocking(false);
            kit.loop().addReader(source, note("reader"));
            kit.loop()
                    .callSoon(() -> {
                        kit.loop().stop();
                        kit.loop()
                                .callSoon(() -> {
                                    calls.add("leftover");
                                    kit.loop().removeReader(source);
                                });
                    });
            kit.loop().runForever();
            kit.poller.makeReady(source);

            kit.runTurns(2);

            assertThat(calls).containsExactly("leftover");
        }
    }

    @Test
    void aThreadsafeCallKeepsItsPlaceBeforeALaterPlainCall() throws InterruptedException {
        var other = Thread.ofPlatform().start(() -> kit.loop().callSoonThreadsafe(note("other")));
        other.join();
        kit.loop().callSoon(note("plain"));
        kit.loop().callSoonThreadsafe(note("same thread"));
        kit.loop().execute(note("executor"));

        kit.runTurns(2);

        assertThat(calls).containsExactly("other", "plain", "same thread", "executor");
    }

    @Test
    void insideTheLoopAThreadsafeCallKeepsItsPlaceToo() {
        kit.loop()
                .callSoon(() -> {
                    kit.loop().callSoonThreadsafe(note("threadsafe"));
                    kit.loop().callSoon(note("plain"));
                });

        kit.runTurns(2);

        assertThat(calls).containsExactly("threadsafe", "plain");
    }

    @Test
    void aTaskThatEndsWakesItsWaiterOneTurnLater() {
        kit.run(() -> {
            var child =
                    Async.createTask(() -> {
                        kit.loop().callSoon(note("scheduled by the child"));
                    });
            child.await();
            calls.add("parent");
        });

        assertThat(calls).containsExactly("scheduled by the child", "parent");
    }

    @Test
    void awaitingAFutureThatIsDoneDoesNotLetAnythingElseRun() {
        kit.run(() -> {
            var done = kit.loop().<String>createFuture();
            done.setResult("value");
            kit.loop().callSoon(note("callback"));
            assertThat(done.await()).isEqualTo("value");
            calls.add("coroutine");
            Async.yieldNow();
        });

        assertThat(calls).containsExactly("coroutine", "callback");
    }

    @Test
    void yieldNowLetsEverythingElseThatIsReadyRunOnce() {
        kit.run(() -> {
            var other =
                    Async.createTask(() -> {
                        calls.add("other 1");
                        Async.yieldNow();
                        calls.add("other 2");
                    });
            calls.add("main 1");
            Async.yieldNow();
            calls.add("main 2");
            Async.sleep(Duration.ZERO);
            calls.add("main 3");
            other.await();
        });

        assertThat(calls).containsExactly("main 1", "other 1", "main 2", "other 2", "main 3");
    }
}
