package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExecutableInvoker;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.opentest4j.TestAbortedException;

import java.lang.annotation.Annotation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Puts one test through its life cycle once for each seed, up to the first that fails, and then as
/// often as it takes to learn more about that failure.
final class SeededCycles {
    private final TestPlan plan;
    private final ExtensionContext context;
    private final ExecutableInvoker invoker;

    /// Whether JUnit's own instance has had its run.
    private boolean used;

    private SeededCycles(TestPlan plan, ExtensionContext context) {
        this.plan = plan;
        this.context = context;
        invoker = context.getExecutableInvoker();
    }

    static void run(TestPlan plan, ExtensionContext context) throws Throwable {
        var cycles = new SeededCycles(plan, context);
        var longest = 0;
        var passed = 0;
        TestAbortedException aborted = null;
        for (var schedule : plan.schedules()) {
            try {
                longest = Math.max(longest, cycles.test(schedule.forLength(longest)));
                passed++;
            } catch (TestAbortedException assumption) { // which may hold under the next seed
                aborted = aborted == null ? assumption : aborted;
            }
        }
        if (aborted != null && passed == 0) {
            throw aborted;
        }
    }

    /// {@return how many choices the run had}
    private int test(RunSchedule schedule) throws Throwable {
        var outcome = runOnce(schedule, TestPlan.NO_LIMIT);
        if (outcome.failure() != null) {
            var findings = FollowUp.of(outcome, plan.mostFollowUps(), this::runOnce);
            var failure = RunNotes.addTo(outcome.failure(), outcome.run(), context);
            throw plan.explain(failure, outcome.run(), findings);
        }
        plan.checkTrace(outcome.run());
        if (plan.checksDeterminism()) {
            var second = runOnce(schedule, TestPlan.NO_LIMIT);
            if (second.failure() != null && !second.isFailure()) {
                throw second.failure();
            }
            var divergence = Divergence.between(outcome, second);
            if (divergence != null) {
                throw divergence;
            }
        }
        return outcome.run().loop().choices().count();
    }

    /// @param most how long the body may take, if that is less than the test says
    private RunOutcome runOnce(RunSchedule schedule, Duration most) {
        // JUnit's own instance and the loop that it has injected there serve for the first run.
        var run =
                used
                        ? LoopTestExtension.nextRun(schedule, most, context)
                        : LoopTestExtension.currentRun(context);
        var junits = context.getRequiredTestInstances().getAllInstances();
        var instances = used ? freshInstances(junits) : junits;
        used = true;
        var start = System.nanoTime();
        var failures = new Failures();
        failures.collect(() -> {
            for (var before :
                    methods(BeforeEach.class, HierarchyTraversalMode.TOP_DOWN, instances)) {
                before.run();
            }
            run.runBody(() -> invoker.invoke(context.getRequiredTestMethod(), instances.getLast()));
        });
        // Each in any case, because each may have something to close.
        for (var after :
                methods(AfterEach.class, HierarchyTraversalMode.BOTTOM_UP, instances.reversed())) {
            failures.collect(after);
        }
        failures.collect(() -> run.finish(failures.any()));
        return new RunOutcome(run, failures.first, System.nanoTime() - start);
    }

    private List<Failures.Step> methods(
            Class<? extends Annotation> annotation,
            HierarchyTraversalMode order,
            List<Object> instances) {
        var calls = new ArrayList<Failures.Step>();
        for (var instance : instances) {
            for (var method :
                    AnnotationSupport.findAnnotatedMethods(
                            instance.getClass(), annotation, order)) {
                calls.add(() -> invoker.invoke(method, instance));
            }
        }
        return calls;
    }

    /// {@return a fresh instance of the test class, after those of the classes around it}
    private List<Object> freshInstances(List<Object> instances) {
        if (context.getTestInstanceLifecycle().orElse(Lifecycle.PER_METHOD)
                == Lifecycle.PER_CLASS) {
            return instances;
        }
        var fresh = new ArrayList<Object>();
        for (var instance : instances) {
            fresh.add(newInstance(instance.getClass(), fresh.isEmpty() ? null : fresh.getLast()));
        }
        return fresh;
    }

    private Object newInstance(Class<?> type, @Nullable Object outer) {
        // JUnit has made an instance already, and takes only classes with one constructor.
        var constructor = type.getDeclaredConstructors()[0];
        return outer == null ? invoker.invoke(constructor) : invoker.invoke(constructor, outer);
    }

    /// The failures of one cycle: the first, with the later ones suppressed.
    private static final class Failures {
        private @Nullable Throwable first;

        @FunctionalInterface
        interface Step {
            void run() throws Throwable;
        }

        void collect(Step step) {
            try {
                step.run();
            } catch (Throwable failure) { // comes out of rethrow()
                if (first == null) {
                    first = failure;
                } else if (first != failure) {
                    first.addSuppressed(failure);
                }
            }
        }

        boolean any() {
            return first != null;
        }
    }
}
