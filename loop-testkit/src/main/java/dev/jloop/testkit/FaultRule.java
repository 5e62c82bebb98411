package dev.jloop.testkit;

import dev.jloop.core.spi.FaultDecision;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Random;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// What a test wants of one fault point, and what has happened there. Confined to the loop's
/// thread.
final class FaultRule {
    private record Delay(Duration shortest, Duration longest) {
        Duration draw(RandomGenerator random) {
            var spread = longest.minus(shortest).toNanos();
            return spread == 0
                    ? shortest
                    : shortest.plusNanos(random.nextLong(0, Math.addExact(spread, 1)));
        }
    }

    private final String name;

    /// Of this point alone, so that a new point elsewhere leaves the decisions here as they were.
    private final Random random;

    private final TreeSet<Integer> failingCalls = new TreeSet<>();
    private @Nullable Double probability;
    private @Nullable Delay delay;
    private int reached;
    private int fired;
    private int delayed;
    private boolean named;

    FaultRule(String name, long seed) {
        this.name = name;
        random = Seeds.random(seed ^ (name.hashCode() * 0x9e3779b97f4a7c15L));
    }

    void fireWith(double chance) {
        named = true;
        probability = chance;
    }

    /// @param call the number of the call, counted from 1
    void fireAt(int call) {
        named = true;
        failingCalls.add(call);
    }

    /// Fires at the next call that was not chosen yet.
    void fireOnceMore() {
        var call = reached + 1;
        while (failingCalls.contains(call)) {
            call++;
        }
        fireAt(call);
    }

    void delayBetween(Duration shortest, Duration longest) {
        named = true;
        delay = new Delay(shortest, longest);
    }

    void doNothing() {
        named = true;
        probability = 0.0;
        failingCalls.clear();
        delay = null;
    }

    /// Decides on one more call.
    ///
    /// @param otherwise the probability where the test has not given this point one
    FaultDecision decide(double otherwise) {
        reached++;
        // Drawn in any case, so that a call chosen by its number does not move the decisions on
        // those after it.
        var drawn = random.nextDouble();
        var wait = delay == null ? null : delay.draw(random);
        var fires =
                failingCalls.contains(reached)
                        || drawn < (probability == null ? otherwise : probability);
        if (fires) {
            fired++;
        }
        if (wait != null) {
            delayed++;
        }
        return new FaultDecision(wait, fires);
    }

    int reached() {
        return reached;
    }

    /// {@return whether a rule speaks of a point that the run has not come to}
    boolean isMissed() {
        return named && reached == 0;
    }

    boolean isNamed() {
        return named;
    }

    FaultReport.Point asPoint() {
        return new FaultReport.Point(name, reached, fired, delayed);
    }
}
