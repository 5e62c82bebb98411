package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.MDC;

import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// SLF4J's MDC on a loop that carries it, and on one that does not.
class MdcTest {
    @RegisterExtension
    final LoopFixture kit = LoopFixture.onVirtualTime(builder -> builder.carryMdc(true));

    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    @AfterEach
    void clear() {
        MDC.clear();
    }

    private void look(String who) {
        seen.add(who + " " + MDC.get("user"));
    }

    @Test
    void aTaskStartsWithTheMdcOfItsCreator() {
        kit.run(() -> {
            MDC.put("user", "ann");
            var first = Async.createTask(() -> look("first"));
            MDC.put("user", "bob");
            var second = Async.createTask(() -> look("second"));
            MDC.remove("user");
            var third = Async.createTask(() -> look("third"));
            Async.waitAll(List.of(first, second, third));
        });
        assertThat(seen).containsExactly("first ann", "second bob", "third null");
    }

    @Test
    void theMainTaskStartsWithTheMdcOfTheThreadThatRunsIt() {
        MDC.put("user", "ann");
        kit.run(() -> {
            look("main");
            MDC.put("user", "bob");
        });
        look("thread");
        assertThat(seen).containsExactly("main ann", "thread ann");
    }

    @Test
    void whatACoroutinePutsStaysWithItAcrossAwaitPoints() {
        kit.run(() -> {
            var tasks = new ArrayList<Task<?>>();
            for (var user : List.of("ann", "bob")) {
                tasks.add(
                        Async.createTask(() -> {
                            MDC.put("user", user);
                            for (var i = 0; i < 2; i++) {
                                Async.sleep(Duration.ofSeconds(1));
                                look(user + " as");
                            }
                        }));
            }
            Async.waitAll(tasks);
            look("main");
        });
        assertThat(seen)
                .containsExactly(
                        "ann as ann", "bob as bob", "ann as ann", "bob as bob", "main null");
    }

    @Test
    void callbacksRunWithTheMdcOfWhoScheduledThemAndLeaveThatOfTheThread() {
        MDC.put("user", "thread");
        kit.loop().callSoon(() -> MDC.put("user", "of a callback"));
        kit.loop().callSoon(() -> look("soon"));
        MDC.put("user", "later");
        kit.loop().callLater(Duration.ZERO, () -> look("later"));
        var future = kit.loop().<String>createFuture();
        MDC.put("user", "done");
        future.addDoneCallback(_ -> look("done"));
        MDC.put("user", "afterwards");
        future.setResult("value");
        kit.runTurns(2);
        look("thread");
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        "soon thread", "later later", "done done", "thread afterwards");
    }

    @Test
    void aCallbackOfAnotherThreadRunsWithTheMdcOfThatThread() throws InterruptedException {
        MDC.put("user", "host");
        Thread.ofPlatform()
                .start(() -> {
                    MDC.put("user", "other");
                    kit.loop().callSoonThreadsafe(() -> look("callback"));
                    MDC.put("user", "changed");
                })
                .join();
        kit.runOneTurn();
        assertThat(seen).containsExactly("callback other");
    }

    @Test
    void aCallbackInAGivenContextSeesWhatTheOneBeforePutThere() {
        var context = Context.copyCurrent();
        MDC.put("user", "ann");
        kit.loop().callSoon(() -> MDC.put("request", "7"), context);
        kit.loop().callSoon(() -> seen.add(MDC.getCopyOfContextMap().toString()), context);
        MDC.clear();
        kit.runOneTurn();
        assertThat(seen.getFirst()).contains("user=ann").contains("request=7");
    }

    @Test
    void aReaderRunsWithTheMdcOfWhoHasAddedIt() throws Exception {
        try (var loop = SelectorEventLoop.builder().carryMdc(true).build()) {
            var pipe = Pipe.open();
            try (var source = pipe.source();
                    var sink = pipe.sink()) {
                source.configureBlocking(false);
                MDC.put("user", "ann");
                loop.addReader(
                        source,
                        () -> {
                            look("reader");
                            loop.removeReader(source);
                            loop.stop();
                        });
                MDC.put("user", "bob");
                sink.write(ByteBuffer.allocate(1));
                loop.runForever();
            }
        }
        assertThat(seen).containsExactly("reader ann");
    }

    @Test
    void aContextBringsTheMdcToAnotherThreadAndKeepsWhatIsPutThere() {
        kit.run(() -> {
            MDC.put("user", "ann");
            var context = Context.copyCurrent();
            MDC.put("user", "bob");
            var after = new CompletableFuture<String>();
            var thread =
                    Thread.ofPlatform()
                            .start(() -> {
                                MDC.put("user", "thread");
                                context.run(() -> {
                                    look("run");
                                    MDC.put("user", "put by the thread");
                                });
                                context.call(() -> seen.add("call " + MDC.get("user")));
                                after.complete(MDC.get("user"));
                            });
            thread.join();
            assertThat(after).isCompletedWithValue("thread");
            look("coroutine");
        });
        assertThat(seen).containsExactly("run ann", "call put by the thread", "coroutine bob");
    }

    @Test
    void theRunsOfARunnerShareOneMdc() {
        MDC.put("user", "ann");
        try (var runner = new Runner(() -> SelectorEventLoop.builder().carryMdc(true).build())) {
            runner.run(() -> {
                look("first");
                MDC.put("user", "bob");
            });
            runner.run(() -> look("second"));
        }
        look("thread");
        assertThat(seen).containsExactly("first ann", "second bob", "thread ann");
    }

    @Test
    void aGeneratorSeesAndSetsTheMdcOfItsConsumer() {
        kit.run(() -> {
            MDC.put("user", "ann");
            var iterator =
                    Async.<Integer>generate(
                                    emitter -> {
                                        look("body");
                                        MDC.put("user", "set by the body");
                                        emitter.emit(1);
                                        look("body");
                                        Async.yieldNow();
                                        look("body");
                                        MDC.put("user", "at the end");
                                    })
                            .iterator();
            iterator.next();
            look("consumer");
            MDC.put("user", "bob");
            assertThat(iterator.hasNext()).isFalse();
            look("consumer");
        });
        assertThat(seen)
                .containsExactly(
                        "body ann",
                        "consumer set by the body",
                        "body bob",
                        "body bob",
                        "consumer at the end");
    }

    @Test
    void theFailureOfACallbackIsReportedWithItsMdc() {
        kit.loop().setExceptionHandler((_, _) -> look("handler"));
        MDC.put("user", "ann");
        kit.loop()
                .callSoon(() -> {
                    throw new IllegalStateException("callback");
                });
        MDC.clear();
        kit.runOneTurn();
        assertThat(seen).containsExactly("handler ann");
    }

    @Test
    void aLoopThatDoesNotCarryItLeavesTheMdcToItsThreads() {
        try (var loop = SelectorEventLoop.builder().carryMdc(false).build()) {
            MDC.put("user", "ann");
            loop.callSoon(() -> MDC.put("user", "bob"));
            loop.runUntilComplete(() -> {
                look("coroutine");
                Async.createTask(() -> look("task")).await();
            });
        }
        assertThat(seen).containsExactly("coroutine null", "task null");
    }

    @Test
    void theSystemPropertySaysWhetherLoopsCarryIt() {
        var before = System.getProperty("jloop.mdc");
        try {
            for (var value : List.of("true", "false")) {
                System.setProperty("jloop.mdc", value);
                MDC.put("user", "ann");
                try (var loop = SelectorEventLoop.builder().build()) {
                    loop.runUntilComplete(() -> look(value));
                }
            }
        } finally {
            if (before == null) {
                System.clearProperty("jloop.mdc");
            } else {
                System.setProperty("jloop.mdc", before);
            }
        }
        assertThat(seen).containsExactly("true ann", "false null");
    }
}
