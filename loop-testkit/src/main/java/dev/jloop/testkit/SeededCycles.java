package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExecutableInvoker;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Puts one test through its life cycle once for each seed, up to the first that fails.
final class SeededCycles {
    private final TestPlan plan;
    private final ExtensionContext context;
    private final ExecutableInvoker invoker;

    private SeededCycles(TestPlan plan, ExtensionContext context) {
        this.plan = plan;
        this.context = context;
        invoker = context.getExecutableInvoker();
    }

    static void run(TestPlan plan, ExtensionContext context) throws Throwable {
        var cycles = new SeededCycles(plan, context);
        for (var seed : plan.seeds()) {
            try {
                cycles.runOne(seed);
            } catch (Throwable failure) {
                throw plan.explain(failure, seed);
            }
        }
    }

    private void runOne(OptionalLong seed) throws Throwable {
        // JUnit's own instance and the loop that it has injected there serve for the first seed.
        var first = seed.equals(plan.seeds().getFirst());
        var run =
                first
                        ? LoopTestExtension.currentRun(context)
                        : LoopTestExtension.nextRun(seed, context);
        var junits = context.getRequiredTestInstances().getAllInstances();
        var instances = first ? junits : freshInstances(junits);
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
        failures.rethrow();
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

        void rethrow() throws Throwable {
            if (first != null) {
                throw first;
            }
        }
    }
}
