package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.jloop.core.sync.AsyncBarrier;
import dev.jloop.core.sync.AsyncCondition;
import dev.jloop.core.sync.AsyncEvent;
import dev.jloop.core.sync.AsyncLock;
import dev.jloop.core.sync.AsyncQueue;
import dev.jloop.core.sync.AsyncSemaphore;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What another thread may call while a loop runs. Each public method of what belongs to a loop is
/// called from a wrong thread, in debug mode: it throws `WrongThreadException`, unless a list here
/// says otherwise. So whoever adds a method has to decide.
class WrongThreadTest {
    /// Documented for any thread. Those of `Object` and the creation of scopes count too.
    private static final Set<String> ANY_THREAD =
            Set.of(
                    "EventLoop.callSoonThreadsafe(Runnable)",
                    "EventLoop.execute(Runnable)",
                    "EventLoop.time()",
                    "EventLoop.isRunning()",
                    "EventLoop.isClosed()",
                    "EventLoop.isDebug()",
                    "EventLoop.currentTask()",
                    "EventLoop.beginOutsideWork(String)",
                    "EventLoop.cancelOnClose(CompletableFuture)",
                    "LoopFuture.isDone()",
                    "LoopFuture.isCancelled()",
                    "LoopFuture.loop()",
                    "Task.name()",
                    "Task.context()",
                    "Handle.isCancelled()",
                    "Handle.context()",
                    "RecurringHandle.isCancelled()",
                    "TimerHandle.when()",
                    "Timeout.deadline()",
                    "Timeout.expired()",
                    "AsyncLock.holder()",
                    "AsyncBarrier.parties()",
                    "AsyncQueue.capacity()");

    /// These run a loop, end one, or suspend, and refuse a thread that is wrong for that whether
    /// debug mode is on or not.
    private static final Set<String> ALWAYS_REFUSED =
            Set.of(
                    "EventLoop.runForever()",
                    "EventLoop.runUntilComplete(Callable)",
                    "EventLoop.runUntilComplete(AsyncRunnable)",
                    "EventLoop.runUntilComplete(LoopFuture)",
                    "EventLoop.close()",
                    "LoopFuture.await()",
                    "TaskGroup.run(AsyncRunnable)",
                    "TaskGroup.call(Callable)",
                    "TaskGroup.start(Startable)",
                    "TaskGroup.start(Startable, TaskOptions)",
                    "Timeout.run(ThrowingRunnable)",
                    "Timeout.call(ThrowingSupplier)",
                    "AsyncIterator.hasNext()",
                    "AsyncIterator.next()",
                    "AsyncIterator.close()");

    /// The static methods of [Async] that need no loop on the calling thread.
    private static final Set<String> ASYNC_WITHOUT_LOOP =
            Set.of("Async.run(Callable)", "Async.run(AsyncRunnable)", "Async.generate(Generator)");

    private static final Object STAGE = CompletableFuture.completedFuture("done");

    private final SelectorEventLoop loop = SelectorEventLoop.builder().debug(true).build();
    private final Map<Class<?>, Object> subjects = new LinkedHashMap<>();
    private final CompletableFuture<LoopFuture<String>> over = new CompletableFuture<>();
    private Thread host;
    private Pipe pipe;

    @BeforeEach
    void runTheLoopOnAThreadOfItsOwn() throws Exception {
        pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        pipe.sink().configureBlocking(false);
        var ready = new CompletableFuture<Void>();
        host =
                Thread.ofPlatform()
                        .start(() ->
                                loop.runUntilComplete(() -> {
                                    var end = loop.<String>createFuture();
                                    over.complete(end);
                                    subjects.put(EventLoop.class, loop);
                                    subjects.put(LoopFuture.class, end);
                                    subjects.put(Task.class, loop.currentTask());
                                    subjects.put(Handle.class, loop.callSoon(() -> {}));
                                    subjects.put(
                                            RecurringHandle.class,
                                            loop.recurring(() -> {}, Context.copyCurrent()));
                                    subjects.put(
                                            TimerHandle.class,
                                            loop.callLater(Duration.ofDays(1), () -> {}));
                                    enterScopes(end, ready);
                                }));
        ready.get();
    }

    private void enterScopes(LoopFuture<String> end, CompletableFuture<Void> ready) {
        var group = new TaskGroup();
        var timeout = Timeout.after(Duration.ofDays(1));
        subjects.put(TaskGroup.class, group);
        subjects.put(Timeout.class, timeout);
        group.run(() ->
                timeout.run(() -> {
                    var waiters = bindPrimitives(group);
                    Async.yieldNow();
                    ready.complete(null);
                    end.await();
                    waiters.forEach(LoopFuture::cancel);
                }));
    }

    /// Each belongs to the loop once a task has waited for it.
    private List<Task<Void>> bindPrimitives(TaskGroup group) {
        var lock = new AsyncLock();
        lock.acquire();
        var event = new AsyncEvent();
        var condition = new AsyncCondition();
        var semaphore = new AsyncSemaphore(0);
        var barrier = new AsyncBarrier(2);
        var queue = new AsyncQueue<Object>(1);
        var items = Async.<String>generate(emitter -> emitter.emit("item")).iterator();
        items.next();
        for (var subject : List.of(lock, event, condition, semaphore, barrier, queue)) {
            subjects.put(subject.getClass(), subject);
        }
        subjects.put(AsyncIterator.class, items);
        return Stream.<AsyncRunnable>of(
                        lock::acquire,
                        event::await,
                        () -> condition.run(() -> condition.await()),
                        semaphore::acquire,
                        barrier::await,
                        queue::get)
                .map(group::createTask)
                .toList();
    }

    @AfterEach
    void endTheLoop() throws Exception {
        loop.callSoonThreadsafe(() -> over.join().setResult("over"));
        host.join();
        loop.close();
        pipe.source().close();
        pipe.sink().close();
    }

    @TestFactory
    Stream<DynamicTest> aCallFromAWrongThreadIsRefusedOrDocumented() {
        return subjects.entrySet().stream()
                .flatMap(subject ->
                        confinedMethods(subject.getKey())
                                .map(method ->
                                        dynamicTest(
                                                nameOf(method),
                                                () -> check(method, subject.getValue()))));
    }

    private static Stream<Method> confinedMethods(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> !method.isSynthetic() && !method.getName().equals("toString"));
    }

    private void check(Method method, Object subject) {
        var thrown = call(method, subject);
        if (ANY_THREAD.contains(nameOf(method))) {
            assertThat(thrown).isNull();
        } else if (ALWAYS_REFUSED.contains(nameOf(method))) {
            assertThat(thrown).isInstanceOf(IllegalStateException.class);
        } else {
            assertThat(thrown)
                    .isInstanceOf(WrongThreadException.class)
                    .hasMessageContaining(Thread.currentThread().getName())
                    .hasMessageContaining(loop.toString());
        }
    }

    @TestFactory
    Stream<DynamicTest> theFacadeIsRefusedWhereNoLoopRuns() {
        return Arrays.stream(Async.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> !ASYNC_WITHOUT_LOOP.contains(nameOf(method)))
                .map(method ->
                        dynamicTest(
                                nameOf(method),
                                () ->
                                        assertThat(call(method, null))
                                                .isInstanceOfAny(
                                                        IllegalStateException.class,
                                                        WrongThreadException.class)));
    }

    @Test
    void theListsNameMethodsThatExist() {
        var existing =
                Stream.concat(subjects.keySet().stream(), Stream.of(Async.class))
                        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                        .map(WrongThreadTest::nameOf)
                        .collect(Collectors.toSet());
        assertThat(existing)
                .containsAll(ANY_THREAD)
                .containsAll(ALWAYS_REFUSED)
                .containsAll(ASYNC_WITHOUT_LOOP);
    }

    @Test
    void whileTheLoopDoesNotRunItsOwnerMayUseItOnAnyThread() throws InterruptedException {
        try (var idle = SelectorEventLoop.builder().debug(true).build()) {
            var future = idle.<String>createFuture();
            var owner = Thread.ofPlatform().start(() -> future.setResult("set elsewhere"));
            owner.join();
            assertThat(future.result()).isEqualTo("set elsewhere");
        }
    }

    @Test
    void aRefusedCallHasChangedNothing() {
        var timeout = (Timeout) subjects.get(Timeout.class);
        var before = timeout.deadline();
        assertThatExceptionOfType(WrongThreadException.class)
                .isThrownBy(() -> timeout.reschedule(1));
        assertThat(timeout.deadline()).isEqualTo(before);
    }

    private static String nameOf(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(
                        Collectors.joining(
                                ", ",
                                method.getDeclaringClass().getSimpleName()
                                        + "."
                                        + method.getName()
                                        + "(",
                                ")"));
    }

    private Throwable call(Method method, Object subject) {
        var arguments = Arrays.stream(method.getParameterTypes()).map(this::argument).toArray();
        try {
            method.invoke(subject, arguments);
            return null;
        } catch (InvocationTargetException wrapper) {
            return wrapper.getCause();
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private Object argument(Class<?> type) {
        if (type == boolean.class) {
            return true;
        }
        if (type == long.class || type == int.class) {
            return 1;
        }
        if (type == String.class || type == Object.class) {
            return "INT";
        }
        if (type == Class.class) {
            return Runnable.class;
        }
        if (type == Duration.class) {
            return Duration.ofSeconds(1);
        }
        if (type == Context.class) {
            return Context.copyCurrent();
        }
        if (type == TaskOptions.class) {
            return TaskOptions.DEFAULTS;
        }
        if (type == LoopException.class) {
            return LoopException.of("never reported", null);
        }
        if (type == SelectableChannel.class) {
            return pipe.source();
        }
        if (type == CompletableFuture.class || type == CompletionStage.class) {
            return STAGE;
        }
        if (type == Throwable.class) {
            return new IllegalStateException("never set");
        }
        if (type == LoopFuture.class) {
            return over.join();
        }
        if (Collection.class.isAssignableFrom(type)) {
            return List.of(over.join());
        }
        if (type == Callable.class) {
            return (Callable<String>) () -> "never run";
        }
        if (type.isInterface()) {
            return Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (_, _, _) -> null);
        }
        throw new AssertionError("say here which argument to pass for " + type);
    }
}
