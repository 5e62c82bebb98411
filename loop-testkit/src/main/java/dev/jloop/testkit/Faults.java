package dev.jloop.testkit;

import dev.jloop.core.Fault;
import dev.jloop.core.spi.FaultDecision;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The rules for the fault points ([Fault]) that the code on one [VirtualTimeLoop] comes to. At
/// first nothing happens at any of them.
///
/// ```java
/// loop.faults().enable("disk.write", 0.1).delay("disk.sync", ofMillis(1), ofMillis(50));
/// ...
/// assertThat(loop.faults().report().neverReached()).isEmpty();
/// ```
///
/// Rules for one name add up, except that a probability or a delay takes the place of the one
/// before. Where several apply, the point waits first and then fires.
///
/// **Chance** comes from the seed of the loop, or 0 where it has none, and from the name of the
/// point: the same seed gives the same decisions, and neither the schedule nor the decisions at
/// other points change because one more point was put in or enabled.
///
/// **Threading:** the thread that owns the loop only.
///
/// @since 0.1
public final class Faults {
    /// Well within what counts in nanoseconds.
    private static final Duration LONGEST_DELAY = Duration.ofDays(36_500);

    private final long seed;
    private final TreeMap<String, FaultRule> rules = new TreeMap<>();
    private final List<Consumer<FaultEvent>> listeners = new ArrayList<>();
    private double probability;

    Faults(long seed) {
        this.seed = seed;
    }

    // ---- rules

    /// Makes a point fire at each call with a probability, in place of the one it had and of that
    /// for all.
    ///
    /// @param name the name of the point
    /// @param chance from 0, which is never, to 1, which is always
    /// @return this
    /// @throws IllegalArgumentException if it is outside of that
    public Faults enable(String name, double chance) {
        checkProbability(chance);
        rule(name).fireWith(chance);
        return this;
    }

    /// Makes every point fire at each call with a probability, those without rules and those not
    /// known yet included. A point that has a probability of its own, or is never to do anything,
    /// stays as it is.
    ///
    /// @param chance from 0, which is the default, to 1
    /// @return this
    /// @throws IllegalArgumentException if it is outside of that
    public Faults enableAll(double chance) {
        checkProbability(chance);
        probability = chance;
        return this;
    }

    /// Makes a point fire at its next call. Called again before that, at the one after it too.
    ///
    /// @param name the name of the point
    /// @return this
    public Faults failOnce(String name) {
        rule(name).fireOnceMore();
        return this;
    }

    /// Makes a point fire at one call, told by its number. May be called for several.
    ///
    /// @param name the name of the point
    /// @param nthCall counted from 1, from the beginning of the loop
    /// @return this
    /// @throws IllegalArgumentException if the number is below 1, or that call is over
    public Faults failAt(String name, int nthCall) {
        if (nthCall < 1) {
            throw new IllegalArgumentException(
                    "calls are counted from 1, and '%s' was to fail at %d"
                            .formatted(name, nthCall));
        }
        var rule = rule(name);
        if (nthCall <= rule.reached()) {
            throw new IllegalArgumentException(
                    "fault point '%s' was reached %d times already, so call %d is over"
                            .formatted(name, rule.reached(), nthCall));
        }
        rule.fireAt(nthCall);
        return this;
    }

    /// Makes a point wait at each call, for a time drawn anew each time. The coroutine waits on the
    /// loop's clock; others run meanwhile. Only [Fault#point(String)] can wait, and only in a
    /// coroutine; elsewhere the point throws `IllegalStateException`.
    ///
    /// @param name the name of the point
    /// @param shortest zero, which lets others run once, or more
    /// @param longest at least the shortest, and at most a hundred years
    /// @return this
    /// @throws IllegalArgumentException if the times are not so
    public Faults delay(String name, Duration shortest, Duration longest) {
        if (shortest.isNegative()
                || longest.compareTo(shortest) < 0
                || longest.compareTo(LONGEST_DELAY) > 0) {
            throw new IllegalArgumentException(
                    "fault point '%s' cannot be delayed between %s and %s"
                            .formatted(name, shortest, longest));
        }
        rule(name).delayBetween(shortest, longest);
        return this;
    }

    /// Makes a point do nothing, whatever the rules were and whatever is enabled for all; until
    /// there is another rule for it.
    ///
    /// @param name the name of the point
    /// @return this
    public Faults never(String name) {
        rule(name).doNothing();
        return this;
    }

    private FaultRule rule(String name) {
        return rules.computeIfAbsent(
                Objects.requireNonNull(name, "name"), key -> new FaultRule(key, seed));
    }

    private static void checkProbability(double chance) {
        if (!(chance >= 0 && chance <= 1)) { // and so refuses what is not a number
            throw new IllegalArgumentException(
                    "a probability is from 0 to 1, and this is " + chance);
        }
    }

    // ---- what has happened

    /// {@return which points were reached so far, how often, and what they did; and which names in
    /// the rules were not}
    public FaultReport report() {
        return new FaultReport(
                rules.values().stream()
                        .filter(rule -> rule.reached() > 0)
                        .map(FaultRule::asPoint)
                        .toList(),
                rules.entrySet().stream()
                        .filter(entry -> entry.getValue().isMissed())
                        .map(entry -> entry.getKey())
                        .toList());
    }

    /// {@return whether the test has any rules, so that a failure may be due to them}
    boolean hasRules() {
        return probability > 0 || rules.values().stream().anyMatch(FaultRule::isNamed);
    }

    /// Tells `listener` of each decision, in order, before it takes effect.
    void onDecision(Consumer<FaultEvent> listener) {
        listeners.add(listener);
    }

    FaultDecision decide(String name) {
        var decision = rule(name).decide(probability);
        var event = new FaultEvent(name, decision);
        listeners.forEach(listener -> listener.accept(event));
        return decision;
    }
}
