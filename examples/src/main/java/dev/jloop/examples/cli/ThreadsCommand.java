package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.executor.Offload;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.concurrent.Callable;

@Command(
        name = "threads",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description =
                "Lets another thread call a loop: a callback, and a coroutine whose result it waits"
                        + " for.")
final class ThreadsCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        Async.run(() -> {
            var loop = EventLoop.current();
            LoopFuture<Integer> answer = loop.createFuture();
            Thread.ofPlatform().name("another thread").start(() -> ask(loop, answer));
            print("the loop has got " + answer.await() + " from another thread");
        });
        return 0;
    }

    /// Runs in the other thread, which may not touch what belongs to the loop, such as the future.
    private void ask(EventLoop loop, LoopFuture<Integer> answer) {
        loop.callSoonThreadsafe(() -> print("a callback in the loop's thread"));
        try {
            var result = Offload.runCoroutineThreadsafe(ThreadsCommand::compute, loop).join();
            loop.callSoonThreadsafe(() -> answer.setResult(result));
        } catch (RuntimeException failure) { // without an answer the loop would wait for ever
            loop.callSoonThreadsafe(() -> answer.setException(failure));
        }
    }

    private static int compute() {
        Async.sleep(Duration.ofMillis(10));
        return 42;
    }

    private void print(String line) {
        spec.commandLine().getOut().println(line);
    }
}
