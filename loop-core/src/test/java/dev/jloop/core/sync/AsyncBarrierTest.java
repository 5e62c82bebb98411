package dev.jloop.core.sync;

import static dev.jloop.core.sync.SyncFixture.assertCancelled;
import static dev.jloop.core.sync.SyncFixture.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.Task;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;

class AsyncBarrierTest {
    private static final int PARTIES = 5;

    @RegisterExtension final SyncFixture kit = new SyncFixture();

    private final AsyncBarrier barrier = new AsyncBarrier(PARTIES);
    private final List<Integer> indices = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();

    private Task<Void> party(String name) {
        return kit.start(
                name,
                () -> {
                    try {
                        indices.add(barrier.await());
                    } catch (BarrierBrokenException expected) {
                        broken.add(name);
                    }
                });
    }

    private List<Task<Void>> parties(int count) {
        var tasks = new ArrayList<Task<Void>>();
        for (var i = 0; i < count; i++) {
            tasks.add(party("party " + i));
        }
        return tasks;
    }

    @Test
    void allGoOnWhenTheLastHasComeEachWithItsIndex() {
        kit.run(() -> {
            var early = parties(PARTIES - 1);
            turns(3);
            assertThat(indices).isEmpty();
            assertThat(barrier.waiting()).isEqualTo(PARTIES - 1);
            assertThat(barrier.await()).isEqualTo(PARTIES - 1);
            assertThat(barrier.waiting()).isZero();
            Async.gather(early).await();
            assertThat(indices).containsExactly(0, 1, 2, 3);
        });
    }

    @Test
    void aBarrierForOneOpensAtOnceEachTime() {
        kit.run(() -> {
            var alone = new AsyncBarrier(1);
            var yielded = new boolean[1];
            kit.loop().callSoon(() -> yielded[0] = true);
            assertThat(alone.await()).isZero();
            assertThat(alone.await()).isZero();
            assertThat(yielded[0]).isFalse();
        });
    }

    @Test
    void aBarrierNeedsAtLeastOneParty() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AsyncBarrier(0))
                .withMessageContaining("0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AsyncBarrier(-5))
                .withMessageContaining("-5");
    }

    @Test
    void itServesAgainAndAgainAndNoRoundOvertakesAnother() {
        kit.run(() -> {
            var rounds = new ArrayList<Integer>();
            var tasks = new ArrayList<Task<Void>>();
            for (var i = 0; i < PARTIES; i++) {
                tasks.add(
                        kit.start(
                                "" + i,
                                () -> {
                                    for (var round = 0; round < 4; round++) {
                                        barrier.await();
                                        rounds.add(round);
                                    }
                                }));
            }
            Async.gather(tasks).await();
            assertThat(rounds).hasSize(4 * PARTIES).isSorted();
        });
    }

    @Test
    void moreTasksThanPartiesPassInWholeRounds() {
        kit.run(() -> {
            var tasks = parties(2 * PARTIES + 1);
            turns(8);
            assertThat(indices).hasSize(2 * PARTIES);
            assertThat(indices.subList(0, PARTIES)).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
            assertThat(barrier.waiting()).isEqualTo(1);
            barrier.abort();
            Async.gather(tasks).await();
            assertThat(broken).hasSize(1);
        });
    }

    @Test
    void whoComesWhileTheBarrierDrainsWaitsForTheNextRound() {
        kit.run(() -> {
            var first = parties(PARTIES - 1);
            turns(1);
            barrier.await();
            assertThat(barrier.toString()).contains("draining");
            var newcomer = kit.loop().createTask(barrier::await);
            turns(1);
            assertThat(barrier.toString()).contains("filling");
            turns(1);
            assertThat(newcomer.isDone()).isFalse();
            assertThat(barrier.statistics())
                    .isEqualTo(new AsyncBarrier.Statistics(PARTIES, 1, 0, false));
            parties(PARTIES - 1);
            assertThat(newcomer.await()).isZero();
            Async.gather(first).await();
        });
    }

    @Test
    void aCancelledPartyJustLeavesAndAnotherTakesItsPlaceWithAnIndexOfItsOwn() {
        kit.run(() -> {
            var tasks = parties(PARTIES - 1);
            turns(1);
            tasks.getFirst().cancel();
            assertCancelled(tasks.getFirst());
            assertThat(barrier.waiting()).isEqualTo(PARTIES - 2);
            tasks.addAll(parties(1));
            turns(2);
            assertThat(indices).isEmpty();
            indices.add(barrier.await());
            Async.waitAll(tasks);
            assertThat(indices).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
            assertThat(barrier.isBroken()).isFalse();
        });
    }

    @Test
    void aPartyCancelledAsTheLastComesDoesNotOpenTheBarrier() {
        kit.run(() -> {
            var tasks = parties(PARTIES - 1);
            turns(1);
            var last = kit.loop().createTask(barrier::await); // steps before the cancelled one
            tasks.getFirst().cancel();
            turns(3);
            assertThat(last.isDone()).isFalse();
            assertThat(barrier.await()).isEqualTo(PARTIES - 1);
            assertThat(last.await()).isEqualTo(PARTIES - 2);
        });
    }

    @Test
    void aPartyCancelledWhileTheBarrierOpensDoesNotKeepItFromFillingAgain() {
        kit.run(() -> {
            var tasks = parties(PARTIES - 1);
            turns(1);
            barrier.await();
            tasks.getFirst().cancel();
            assertCancelled(tasks.getFirst());
            turns(1);
            assertThat(barrier.toString()).contains("filling");
            assertThat(indices).containsExactly(1, 2, 3);
        });
    }

    @Test
    void resetBreaksThoseWhoWaitAndTheBarrierServesOn() {
        kit.run(() -> {
            var tasks = parties(PARTIES - 1);
            turns(1);
            barrier.reset();
            assertThat(barrier.toString()).contains("resetting");
            assertThat(barrier.waiting()).isZero();
            Async.gather(tasks).await();
            assertThat(broken).hasSize(PARTIES - 1);
            assertThat(barrier.isBroken()).isFalse();
            Async.gather(parties(PARTIES)).await();
            assertThat(indices).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        });
    }

    @Test
    void resetWithNobodyWaitingChangesNothing() {
        kit.run(() -> {
            barrier.reset();
            Async.gather(parties(PARTIES)).await();
            assertThat(broken).isEmpty();
        });
    }

    @Test
    void whoComesWhileTheBarrierIsResetTakesPartInTheNextRound() {
        kit.run(() -> {
            var waiting = parties(2);
            turns(1);
            barrier.reset();
            var next = kit.loop().createTask(barrier::await);
            turns(3);
            assertThat(broken).hasSize(2);
            assertThat(next.isDone()).isFalse();
            parties(PARTIES - 1);
            assertThat(next.await()).isZero();
            Async.gather(waiting).await();
        });
    }

    @Test
    void resetWhileTheBarrierDrainsBreaksThoseWhoHaveNotLeft() {
        kit.run(() -> {
            var passed = new int[1];
            var tasks = new ArrayList<Task<Void>>();
            for (var i = 0; i < PARTIES; i++) {
                tasks.add(
                        kit.start(
                                "" + i,
                                () -> {
                                    try {
                                        barrier.await();
                                    } catch (BarrierBrokenException expected) {
                                        broken.add("broken");
                                        return;
                                    }
                                    if (++passed[0] == 3) {
                                        barrier.reset();
                                    }
                                }));
            }
            Async.gather(tasks).await();
            assertThat(passed[0]).isEqualTo(3);
            assertThat(broken).hasSize(PARTIES - 3);
            assertThat(barrier.waiting()).isZero();
            assertThat(barrier.isBroken()).isFalse();
        });
    }

    @Test
    void resetByTheLastToLeaveDoesNotBreakThoseWhoWaitForTheNextRound() {
        kit.run(() -> {
            var left = new int[1];
            var tasks = new ArrayList<Task<Void>>();
            for (var i = 0; i < PARTIES; i++) {
                tasks.add(
                        kit.start(
                                "" + i,
                                () -> {
                                    barrier.await();
                                    if (++left[0] == PARTIES) {
                                        barrier.reset();
                                    }
                                    barrier.await();
                                }));
            }
            Async.gather(tasks).await();
            assertThat(kit.calls).hasSize(PARTIES);
        });
    }

    @Test
    void abortBreaksThoseWhoWaitAndThoseWhoComeUntilAReset() {
        kit.run(() -> {
            var tasks = parties(2);
            turns(1);
            barrier.abort();
            assertThat(barrier.isBroken()).isTrue();
            Async.gather(tasks).await();
            assertThat(broken).containsExactly("party 0", "party 1");
            assertThat(barrier.isBroken()).isTrue();
            assertThatThrownBy(barrier::await)
                    .isInstanceOf(BarrierBrokenException.class)
                    .hasMessageContaining("aborted");

            barrier.reset();
            assertThat(barrier.isBroken()).isFalse();
            Async.gather(parties(PARTIES)).await();
            assertThat(indices).hasSize(PARTIES);
        });
    }

    @Test
    void abortWhileTheBarrierDrainsBreaksThoseWhoHaveNotLeftAndThoseWhoWaitForTheNextRound() {
        kit.run(() -> {
            var tasks = parties(PARTIES - 1);
            turns(1);
            barrier.await();
            var newcomer = party("newcomer");
            kit.loop().callSoon(barrier::abort); // behind the parties and the newcomer
            Async.gather(tasks).await();
            newcomer.await();
            assertThat(indices).containsExactly(0, 1, 2, 3);
            assertThat(broken).containsExactly("newcomer");

            barrier.reset();
            var next = parties(PARTIES - 1);
            turns(1);
            barrier.await();
            barrier.abort();
            Async.gather(next).await();
            assertThat(broken).hasSize(PARTIES);
        });
    }

    @Test
    void aBrokenBarrierThatIsResetBeforeAllHaveLeftStillBreaksThem() {
        kit.run(() -> {
            var tasks = parties(3);
            turns(1);
            barrier.abort();
            barrier.reset();
            Async.gather(tasks).await();
            assertThat(broken).hasSize(3);
            assertThat(barrier.toString()).contains("filling");
        });
    }

    @Test
    void itSaysItsState() {
        kit.run(() -> {
            assertThat(barrier.parties()).isEqualTo(PARTIES);
            var tasks = parties(2);
            turns(1);
            assertThat(barrier).hasToString("AsyncBarrier[filling, waiting=2 of 5]");
            assertThat(tasks.getFirst().toString()).contains("for AsyncBarrier[filling");
            barrier.abort();
            Async.gather(tasks).await();
            assertThat(barrier).hasToString("AsyncBarrier[broken, waiting=0 of 5]");
        });
    }
}
