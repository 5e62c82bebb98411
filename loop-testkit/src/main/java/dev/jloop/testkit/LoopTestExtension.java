package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

import java.lang.reflect.Method;
import java.time.Duration;

/// Runs the methods marked by [LoopTest]: on the loop, and if need be several times.
///
/// A test that runs once goes through JUnit's own life cycle. One that runs under several seeds is
/// taken out of it, and put through the same by [SeededCycles] for each seed.
final class LoopTestExtension
        implements ExecutionCondition, InvocationInterceptor, ParameterResolver, AfterEachCallback {
    /// In the unique id of a test that is no invocation of a template.
    private static final String PLAIN_TEST = "/[method:";

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(LoopTestExtension.class);

    @Override
    public void interceptBeforeEachMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        proceedUnlessRepeated(invocation, context);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        proceedUnlessRepeated(invocation, context);
    }

    private static void proceedUnlessRepeated(
            Invocation<@Nullable Void> invocation, ExtensionContext context) throws Throwable {
        if (planOf(context).isRepeated()) {
            invocation.skip();
        } else {
            invocation.proceed();
        }
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        runTest(invocation, context);
    }

    /// One invocation of a parameterized or repeated test.
    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        runTest(invocation, context);
    }

    private static void runTest(Invocation<@Nullable Void> invocation, ExtensionContext context)
            throws Throwable {
        var plan = planOf(context);
        if (plan.isRepeated()) {
            invocation.skip();
            SeededCycles.run(plan, context);
            return;
        }
        var run = currentRun(context);
        try {
            run.runBody(invocation::proceed);
        } catch (Throwable failure) {
            throw plan.explain(RunNotes.addTo(failure, run, context), run);
        }
        plan.checkTrace(run);
    }

    /// Without this the tests that it makes would run outside the loop, and pass.
    @Override
    public <T extends @Nullable Object> T interceptTestFactoryMethod(
            Invocation<T> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context) {
        invocation.skip();
        throw new ExtensionConfigurationException(
                "@LoopTest runs the body of a test on a loop, and the tests that a @TestFactory"
                        + " makes are not in its body: "
                        + method.getExecutable());
    }

    /// A method that is a template too, such as a parameterized test, is found by JUnit twice:
    /// because of [LoopTest], which makes a test by itself, and because of the other annotation.
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        var isTemplate =
                context.getTestMethod()
                        .filter(method -> AnnotationSupport.isAnnotated(method, TestTemplate.class))
                        .isPresent();
        return isTemplate && context.getUniqueId().contains(PLAIN_TEST)
                ? ConditionEvaluationResult.disabled(
                        "it runs once for each invocation of its other annotation instead")
                : ConditionEvaluationResult.enabled("on a loop");
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        var run = context.getStore(NAMESPACE).get(LoopRun.class, LoopRun.class);
        var plan = planOf(context);
        if (run == null) {
            return;
        }
        try {
            run.finish(context.getExecutionException().isPresent());
        } catch (Throwable failure) {
            throwAny(plan.explain(RunNotes.addTo(failure, run, context), run));
        }
    }

    private static void throwAny(Throwable failure) throws Exception {
        switch (failure) {
            case Exception exception -> throw exception;
            case Error error -> throw error;
            default -> throw new AssertionError(failure);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getDeclaringExecutable() instanceof Method
                && LoopParameters.has(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return LoopParameters.of(parameter.getParameter().getType(), currentRun(context));
    }

    /// {@return the run that is on, or the only one there will be}
    static LoopRun currentRun(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .computeIfAbsent(LoopRun.class, _ -> planOf(context).firstRun(), LoopRun.class);
    }

    /// {@return the plan of a test, which is made once}
    private static TestPlan planOf(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .computeIfAbsent(TestPlan.class, _ -> TestPlan.of(context), TestPlan.class);
    }

    /// {@return a new run, whose loop is injected from now on}
    ///
    /// @param most how long its body may take, if that is less than the test says
    static LoopRun nextRun(RunSchedule schedule, Duration most, ExtensionContext context) {
        var run = planOf(context).runUnder(schedule, most);
        context.getStore(NAMESPACE).put(LoopRun.class, run);
        return run;
    }
}
