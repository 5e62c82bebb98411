package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.transports.Net;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.nio.channels.Pipe;
import java.util.Random;

/// Readers and writers over pipes, as a subprocess will use them.
@ExtendWith(LeakCheck.class)
class PipeStreamTest {
    private static final int LIMIT = 64 * 1024;

    private static StreamProtocol newProtocol(TestRun run) {
        return new StreamProtocol(run.loop, LIMIT, _ -> {});
    }

    @Test
    void linesGoThroughAPipeUntilItsEnd() {
        TestRun.onSockets(run -> {
            var pipe = Pipe.open();
            var in =
                    Net.connectReadPipe(() -> newProtocol(run), pipe.source()).protocol().handOut();
            var out =
                    Net.connectWritePipe(() -> newProtocol(run), pipe.sink()).protocol().handOut();
            out.write("one\ntwo".getBytes(UTF_8));
            out.writeEof();
            assertThat(in.reader().readLine()).isEqualTo("one\n".getBytes(UTF_8));
            assertThat(in.reader().readLine()).isEqualTo("two".getBytes(UTF_8));
            assertThat(in.reader().readAll()).isEmpty();
            in.waitClosed();
            out.waitClosed();
        });
    }

    @Test
    void tenMebibytesGoThroughAProcessAndBackWithoutADeadlock() {
        TestRun.onSockets(run -> {
            var data = new byte[10 * 1024 * 1024];
            new Random(1).nextBytes(data);
            var cat = new ProcessBuilder("cat").start();
            try {
                var in =
                        Net.connectReadPipe(() -> newProtocol(run), cat.getInputStream())
                                .protocol()
                                .handOut();
                var out =
                        Net.connectWritePipe(() -> newProtocol(run), cat.getOutputStream())
                                .protocol()
                                .handOut();
                var writing =
                        Async.createTask(() -> {
                            out.write(data);
                            out.writeEof();
                            out.waitClosed();
                            return true;
                        });
                // It pauses the pipe meanwhile, since this is far above its limit.
                Async.yieldNow();
                assertThat(in.reader().readAll()).isEqualTo(data);
                assertThat(writing.await()).isTrue();
                in.waitClosed();
            } finally {
                cat.destroyForcibly();
            }
        });
    }

    @Test
    void aWriterLearnsThatItsProcessHasGone() {
        TestRun.onSockets(run -> {
            var child = new ProcessBuilder("head", "-c", "0").start();
            var out =
                    Net.connectWritePipe(() -> newProtocol(run), child.getOutputStream())
                            .protocol()
                            .handOut();
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    out.write(new byte[100_000]);
                                    out.drain();
                                }
                            })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Broken pipe");
        });
    }
}
