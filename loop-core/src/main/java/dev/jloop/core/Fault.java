package dev.jloop.core;

import dev.jloop.core.spi.FaultDecision;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.function.Supplier;

/// Fault points: named places in production code where a test can make something go wrong.
///
/// ```java
/// Fault.point("orders.save", IOException::new);      // throws, if the test says so
/// connection.write(order);
/// int batch = Fault.chance("orders.tinyBatch") ? 1 : 1000;   // takes the rare path
/// ```
///
/// Nothing happens at a point unless the loop that runs the code has rules that say so. Those of
/// the testkit do: `VirtualTimeLoop.faults()` says which points fail, when and how often, and draws
/// from the loop's seed. Code outside a loop, and on threads other than its loop's, sees no faults,
/// and neither does any loop without rules.
///
/// **Cost:** a JVM that has never made a loop with rules reads one static field at each point, and
/// that is all.
///
/// A name says where it is, such as `component.operation`; the same name at two places is one
/// point.
///
/// **Threading:** any thread.
///
/// The idea is that of `BUGGIFY` in FoundationDB, and of the `fail` points of FreeBSD.
///
/// @since 0.1
public final class Fault {
    /// Whether any loop with rules was ever made. Never goes back, so that it may be a plain field:
    /// the code of such a loop runs after its constructor, and so sees it; other code need not.
    private static boolean armed;

    private Fault() {}

    static void arm() {
        armed = true;
    }

    /// A place that may wait or fail in a test. **Suspends** only there, and only where the rules
    /// say so.
    ///
    /// @param name the name of the place
    /// @throws InjectedFault if the rules of the loop make the point fire
    /// @throws CancelledError if the task is cancelled while the rules make it wait
    /// @throws IllegalStateException if the rules make a callback wait, which it cannot
    public static void point(String name) {
        if (armed) {
            pass(name, null);
        }
    }

    /// A place that may wait or fail in a test, with a failure of its own kind. **Suspends** only
    /// there, and only where the rules say so.
    ///
    /// @param name the name of the place
    /// @param failure makes what is thrown; asked only where the point fires
    /// @param <X> the type of what is thrown
    /// @throws X if the rules of the loop make the point fire; an [InjectedFault] is added to it as
    ///   suppressed
    /// @throws CancelledError if the task is cancelled while the rules make it wait
    /// @throws IllegalStateException if the rules make a callback wait, which it cannot
    public static <X extends Throwable> void point(String name, Supplier<? extends X> failure)
            throws X {
        if (armed) {
            pass(name, Objects.requireNonNull(failure, "failure"));
        }
    }

    /// A question that is answered yes in a test only. Never suspends.
    ///
    /// @param name the name of the place
    /// @return whether the rules of the loop make the point fire; false outside of tests
    /// @throws IllegalStateException if the rules want a delay, which there cannot be here
    public static boolean chance(String name) {
        return armed && isChosen(name);
    }

    private static <X extends Throwable> void pass(
            String name, @Nullable Supplier<? extends X> failure) throws X {
        var decision = decide(name);
        if (decision.delay() != null) {
            checkCanWait(name);
            Async.sleep(decision.delay());
        }
        if (!decision.fires()) {
            return;
        }
        if (failure == null) {
            throw new InjectedFault(name);
        }
        X thrown =
                Objects.requireNonNull(
                        failure.get(), () -> "no failure was made for fault point '" + name + "'");
        thrown.addSuppressed(new InjectedFault(name));
        throw thrown;
    }

    private static void checkCanWait(String name) {
        if (CurrentLoop.require().currentTask() == null) {
            throw new IllegalStateException(
                    "the rules delay fault point '"
                            + name
                            + "', which was reached in a callback, and a callback cannot wait");
        }
    }

    private static boolean isChosen(String name) {
        var decision = decide(name);
        if (decision.delay() != null) {
            throw new IllegalStateException(
                    "the rules delay fault point '"
                            + name
                            + "', which is a Fault.chance and cannot wait; a Fault.point can");
        }
        return decision.fires();
    }

    private static FaultDecision decide(String name) {
        Objects.requireNonNull(name, "name");
        var loop = CurrentLoop.get();
        var rules = loop == null ? null : loop.faultRules();
        return rules == null ? FaultDecision.PASS : rules.reached(name);
    }
}
