package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.Task;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Several coroutines that write to one connection.
class WritersInOrderTest {
    private final List<String> goneOn = new ArrayList<>();

    private interface Body {
        void run(StreamProtocol protocol, FakeTransport transport) throws Exception;
    }

    private static void withPausedWriter(Body body) {
        TestRun.onSockets(_ -> {
            var protocol = new StreamProtocol(EventLoop.current(), 100, _ -> {});
            var transport = FakeTransport.below(protocol);
            protocol.pauseWriting();
            body.run(protocol, transport);
        });
    }

    private Task<?> write(FakeTransport transport, String text) {
        var task =
                Async.createTask(
                        () -> {
                            transport.writer().write(text);
                            goneOn.add(text);
                        },
                        "writes " + text);
        Async.yieldNow();
        return task;
    }

    @Test
    void theyGoOnInTheOrderInWhichTheyCameAndNobodyOvertakes() {
        withPausedWriter((protocol, transport) -> {
            var writing = new ArrayList<Task<?>>();
            for (var text : List.of("a", "b", "c")) {
                writing.add(write(transport, text));
            }
            assertThat(goneOn).isEmpty();
            protocol.resumeWriting();
            // Writing is not paused, but the others came first.
            transport.writer().write("d");
            goneOn.add("d");
            for (var task : writing) {
                task.await();
            }
            assertThat(goneOn).containsExactly("a", "b", "c", "d");
            assertThat(transport.takeWritten()).asString(US_ASCII).isEqualTo("abcd");
        });
    }

    @Test
    void ofThoseWhoWriteAgainAndAgainEachGetsItsTurn() {
        withPausedWriter((protocol, transport) -> {
            var counts = new int[3];
            var writing = new ArrayList<Task<?>>();
            for (var writer = 0; writer < counts.length; writer++) {
                var own = writer;
                writing.add(
                        Async.createTask(
                                () -> {
                                    while (true) {
                                        protocol.pauseWriting(); // as large a piece does
                                        transport.writer().write("x");
                                        counts[own]++;
                                    }
                                },
                                "writer " + writer));
            }
            for (var round = 0; round < 30; round++) {
                Async.yieldNow();
                protocol.resumeWriting();
                Async.yieldNow();
                Async.yieldNow();
            }
            assertThat(Arrays.stream(counts).boxed()).allMatch(count -> count >= 10);
            writing.forEach(Task::cancel);
            transport.takeWritten();
        });
    }

    @Test
    void aTurnThatComesToACancelledWriterGoesToTheNext() {
        withPausedWriter((protocol, transport) -> {
            var first = write(transport, "a");
            var second = write(transport, "b");
            protocol.resumeWriting();
            first.cancel();
            assertThatThrownBy(first::await).isInstanceOf(CancelledError.class);
            second.await();
            assertThat(goneOn).containsExactly("b");
            assertThat(transport.takeWritten()).asString(US_ASCII).isEqualTo("ab");
        });
    }

    @Test
    void theCancellationOfOneThatWaitsDoesNotTouchTheOthers() {
        withPausedWriter((protocol, transport) -> {
            var first = write(transport, "a");
            var second = write(transport, "b");
            var third = write(transport, "c");
            second.cancel();
            assertThatThrownBy(second::await).isInstanceOf(CancelledError.class);
            protocol.resumeWriting();
            first.await();
            third.await();
            assertThat(goneOn).containsExactly("a", "c");
            transport.takeWritten();
        });
    }

    @Test
    void aDrainWaitsOnlyWhileWritingIsPaused() {
        withPausedWriter((protocol, transport) -> {
            var first = write(transport, "a");
            var drain = Async.createTask(() -> transport.writer().drain(), "drain");
            Async.yieldNow();
            assertThat(drain.isDone()).isFalse();
            protocol.resumeWriting();
            transport.writer().drain();
            assertThat(goneOn).isEmpty();
            first.await();
            drain.await();
            transport.takeWritten();
        });
    }

    @Test
    void theLossOfTheConnectionEndsAllWhoWait() {
        withPausedWriter((protocol, transport) -> {
            var writing = List.of(write(transport, "a"), write(transport, "b"));
            protocol.connectionLost(new IOException("reset"));
            for (var task : writing) {
                assertThatThrownBy(task::await).hasStackTraceContaining("is lost: reset");
            }
            assertThatThrownBy(() -> transport.writer().write("c")).isInstanceOf(IOException.class);
            assertThat(goneOn).isEmpty();
            transport.takeWritten();
        });
    }
}
