package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// The streams of child processes: `cat` between the writing and the reading end.
class ProcessPipeTest extends PipeContract {
    private static final int BIG = 10 * 1024 * 1024;

    private final List<Process> started = new ArrayList<>();

    private record Cat(Process process) implements Ends {
        @Override
        public Connection<RecordingProtocol> reader(RecordingProtocol protocol) throws IOException {
            return Net.connectReadPipe(() -> protocol, process.getInputStream());
        }

        @Override
        public Connection<RecordingProtocol> writer(RecordingProtocol protocol) throws IOException {
            return Net.connectWritePipe(() -> protocol, process.getOutputStream());
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private Process start(String... command) throws IOException {
        var process = new ProcessBuilder(command).start();
        started.add(process);
        return process;
    }

    /// Every thread that served a stream has ended when its process has.
    @AfterEach
    void noThreadIsLeft() throws Exception {
        for (var process : started) {
            process.destroyForcibly().waitFor();
        }
        joinStreamThreads();
        assertThat(streamThreads()).isEmpty();
    }

    private static void joinStreamThreads() throws InterruptedException {
        for (var thread : streamThreads()) {
            thread.join(10_000);
        }
    }

    private static List<Thread> streamThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread.getName().startsWith("jloop reads ")
                                || thread.getName().startsWith("jloop writes "))
                .toList();
    }

    /// A stream that gives bytes by the block only.
    private abstract static class BlockStream extends InputStream {
        @Override
        public abstract int read(byte[] into, int offset, int count) throws IOException;

        @Override
        public int read() {
            throw new AssertionError("not used");
        }
    }

    @Override
    Ends open() throws IOException {
        return new Cat(start("cat"));
    }

    @Override
    void readInto(Ends ends, BufferedProtocol protocol) throws IOException {
        Net.connectReadPipe(() -> protocol, ((Cat) ends).process().getInputStream());
    }

    @Override
    void failingWriter(Ends ends, RuntimeException failure) throws IOException {
        Net.connectWritePipe(
                () -> {
                    throw failure;
                },
                ((Cat) ends).process().getOutputStream());
    }

    private static int awaitExit(Process process) {
        return LoopFuture.from(process.onExit()).await().exitValue();
    }

    @Test
    void aPipeTellsWhoseItIsWhereThatWasSaid() {
        TestRun.onSockets(_ -> {
            var child = start("cat");
            var reader = new RecordingProtocol();
            var errors = new RecordingProtocol();
            var writer = new RecordingProtocol();
            Net.connectReadPipe(() -> reader, child.getInputStream(), child.toHandle());
            Net.connectReadPipe(() -> errors, child.getErrorStream());
            Net.connectWritePipe(() -> writer, child.getOutputStream(), child.toHandle());
            assertThat(reader.transport.extra(Key.SUBPROCESS)).isEqualTo(child.toHandle());
            assertThat(errors.transport.extra(Key.SUBPROCESS)).isNull();
            assertThat(writer.transport.extra(Key.SUBPROCESS)).isEqualTo(child.toHandle());
            writer.transport.close();
            reader.awaitLost();
            errors.awaitLost();
            assertThat(awaitExit(child)).isZero();
            assertThat(child.toHandle().isAlive()).isFalse(); // and no transport has killed it
        });
    }

    @Test
    void aChildGetsItsInputAndItsEnd() {
        TestRun.onSockets(_ -> {
            var child = start("sh", "-c", "read line; echo \"got $line\"; cat; echo end");
            var reader = new RecordingProtocol();
            var writer = new RecordingProtocol();
            Net.connectReadPipe(() -> reader, child.getInputStream());
            Net.connectWritePipe(() -> writer, child.getOutputStream());
            writer.transport.write("first\nrest\n".getBytes(US_ASCII));
            writer.transport.close();
            reader.awaitLost();
            writer.awaitLost();
            assertThat(reader.text()).isEqualTo("got first\nrest\nend\n");
            assertThat(awaitExit(child)).isZero();
        });
    }

    @Test
    void aChildThatExitsWithoutReadingBreaksThePipe() {
        TestRun.onSockets(_ -> {
            var child = start("head", "-c", "0");
            var writer = new RecordingProtocol();
            Net.connectWritePipe(() -> writer, child.getOutputStream());
            writer.transport.write(new byte[BIG]);
            writer.awaitLost();
            assertThat(writer.events).endsWith("broken");
            assertThat(writer.lossCause)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("Broken pipe");
        });
    }

    @Test
    void aWriterThatIsClosedBeforeTheChildHasReadWaitsForTheLastByte() {
        TestRun.onSockets(_ -> {
            var child = start("sh", "-c", "read go; wc -c");
            var reader = new RecordingProtocol();
            var writer = new RecordingProtocol();
            Net.connectReadPipe(() -> reader, child.getInputStream());
            Net.connectWritePipe(() -> writer, child.getOutputStream());
            writer.transport.write(ConnectionPairs.bytes("\n"));
            writer.transport.write(new byte[BIG]);
            writer.transport.close();
            writer.awaitLost();
            assertThat(writer.events).endsWith("lost");
            reader.awaitLost();
            assertThat(reader.text().strip()).isEqualTo(Integer.toString(BIG));
        });
    }

    @Test
    void aReaderIsClosedAtOnceThoughItsThreadIsStuckInARead() {
        TestRun.onSockets(_ -> {
            var child = start("cat");
            var reader = new RecordingProtocol();
            Net.connectReadPipe(() -> reader, child.getInputStream());
            Async.yieldNow();
            reader.transport.close();
            reader.awaitLost();
            assertThat(reader.events).containsExactly("made", "lost");
            assertThat(child.isAlive()).isTrue();
        });
    }

    @Test
    void aWriterIsAbortedAtOnceThoughItsThreadIsStuckInAWrite() {
        TestRun.onSockets(_ -> {
            var child = start("sleep", "1000");
            var writer = new RecordingProtocol();
            Net.connectWritePipe(() -> writer, child.getOutputStream());
            writer.transport.write(new byte[BIG]);
            writer.transport.close();
            Async.yieldNow();
            assertThat(writer.events).doesNotContain("lost");
            writer.transport.abort();
            writer.awaitLost();
            assertThat(writer.events).endsWith("lost");
            assertThat(child.isAlive()).isTrue();
        });
    }

    @Test
    void aGrandchildThatKeepsTheOutputDelaysTheEndAndNotTheClosing() {
        TestRun.onSockets(_ -> {
            var child = start("sh", "-c", "sleep 1000 & echo $!; read end; true");
            var reader = new RecordingProtocol();
            Net.connectReadPipe(() -> reader, child.getInputStream());
            reader.await("data");
            awaitAThreadInARead(); // otherwise the JDK ends the stream with the process
            child.getOutputStream().close();
            assertThat(awaitExit(child)).isZero();
            assertThat(reader.events).containsExactly("made", "data");
            reader.transport.close();
            reader.awaitLost();
            assertThat(reader.events).containsExactly("made", "data", "lost");
            var grandchild = Long.parseLong(reader.text().strip());
            ProcessHandle.of(grandchild).orElseThrow().destroyForcibly();
        });
    }

    private static void awaitAThreadInARead() {
        while (streamThreads().stream()
                .flatMap(thread -> Stream.of(thread.getStackTrace()))
                .noneMatch(frame -> frame.getMethodName().equals("readBytes"))) {
            Async.yieldNow();
        }
    }

    @Test
    void manyChildrenTalkAtATime() {
        TestRun.onSockets(_ -> {
            var readers = new ArrayList<RecordingProtocol>();
            for (var count = 0; count < 20; count++) {
                var child = start("cat");
                var reader = new RecordingProtocol();
                readers.add(reader);
                Net.connectReadPipe(() -> reader, child.getInputStream());
                var writer = Net.connectWritePipe(RecordingProtocol::new, child.getOutputStream());
                writer.transport().write(new byte[100_000 + count]);
                writer.transport().close();
            }
            for (var count = 0; count < 20; count++) {
                readers.get(count).awaitLost();
                assertThat(readers.get(count).received.size()).isEqualTo(100_000 + count);
            }
        });
    }

    @Test
    void pausingStopsTheThreadAfterOneBuffer() {
        TestRun.onSockets(_ -> {
            var reads = new ArrayList<Integer>();
            var stream =
                    new BlockStream() {
                        @Override
                        public int read(byte[] into, int offset, int count) {
                            synchronized (reads) {
                                reads.add(count);
                            }
                            return count;
                        }
                    };
            var reader = new RecordingProtocol();
            reader.onData = _ -> reader.transport.pauseReading();
            Net.connectReadPipe(() -> reader, stream);
            reader.await("data");
            for (var turn = 0; turn < 1000; turn++) {
                Async.yieldNow();
            }
            assertThat(reads).hasSize(1);
            reader.transport.close();
            reader.awaitLost();
        });
    }

    @Test
    void aStreamThatFailsEndsItsTransportWithTheFailure() {
        TestRun.onSockets(_ -> {
            var reader = new RecordingProtocol();
            var broken =
                    new BlockStream() {
                        @Override
                        public int read(byte[] into, int offset, int count) throws IOException {
                            throw new IOException("bad sector");
                        }
                    };
            Net.connectReadPipe(() -> reader, broken);
            reader.awaitLost();
            assertThat(reader.lossCause).isInstanceOf(IOException.class).hasMessage("bad sector");

            var writer = new RecordingProtocol();
            var unreliable =
                    new OutputStream() {
                        @Override
                        public void write(int value) {
                            throw new IllegalStateException("a bug");
                        }
                    };
            Net.connectWritePipe(() -> writer, unreliable);
            writer.transport.write(new byte[1]);
            writer.awaitLost();
            assertThat(writer.lossCause)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("a bug")
                    .hasRootCauseInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void aFailureToCloseReachesConnectionLost() {
        TestRun.onSockets(_ -> {
            var writer = new RecordingProtocol();
            var stream =
                    new OutputStream() {
                        @Override
                        public void write(int value) {}

                        @Override
                        public void close() throws IOException {
                            throw new IOException("disk full");
                        }
                    };
            Net.connectWritePipe(() -> writer, stream);
            writer.transport.close();
            writer.awaitLost();
            assertThat(writer.lossCause).hasMessage("disk full");
        });
    }

    @Test
    void theStreamIsClosedByItsThreadAndOnlyAfterTheReadUnderWay() {
        var release = new CountDownLatch(1);
        var closedBy = new CompletableFuture<String>();
        TestRun.onSockets(run -> {
            LoopFuture<Void> reading = run.loop.createFuture();
            var stream =
                    new BlockStream() {
                        @Override
                        public int read(byte[] into, int offset, int count) throws IOException {
                            try {
                                run.loop.callSoonThreadsafe(() -> reading.setResult(null));
                                release.await();
                            } catch (InterruptedException interrupted) {
                                throw new IOException(interrupted);
                            }
                            return 1;
                        }

                        @Override
                        public void close() {
                            closedBy.complete(
                                    Thread.currentThread().getName() + " " + release.getCount());
                        }
                    };
            var reader = new RecordingProtocol();
            Net.connectReadPipe(() -> reader, stream);
            reading.await();
            reader.transport.close();
            reader.awaitLost();
            assertThat(closedBy).isNotDone();
        });
        release.countDown();
        assertThat(closedBy.join()).startsWith("jloop reads ").endsWith(" 0");
    }

    @Test
    void theLoopKnowsThatAThreadReadsAndThatNobodyWaitsForItAfterTheEnd() {
        class Counting extends SelectorEventLoop {
            Counting() {
                super(builder());
            }

            int outside() {
                return outsideWorkCount();
            }
        }

        var loop = new Counting();
        TestRun.run(
                loop,
                _ -> {
                    var child = start("cat");
                    var reader = new RecordingProtocol();
                    Net.connectReadPipe(() -> reader, child.getInputStream());
                    assertThat(loop.outside()).isEqualTo(1);
                    reader.transport.close();
                    reader.awaitLost();
                    assertThat(loop.outside()).isZero();
                });
    }

    @Test
    void noDescriptorIsLeftAfterManyChildren() throws Exception {
        runFiftyChildren(); // so that everything is loaded
        joinStreamThreads();
        var before = openDescriptors();
        runFiftyChildren();
        joinStreamThreads();
        assertThat(openDescriptors()).isLessThan(before + 25);
    }

    private void runFiftyChildren() {
        TestRun.onSockets(_ -> {
            for (var count = 0; count < 50; count++) {
                var child = start("cat");
                child.getErrorStream().close();
                var reader = new RecordingProtocol();
                var writer = new RecordingProtocol();
                Net.connectReadPipe(() -> reader, child.getInputStream());
                Net.connectWritePipe(() -> writer, child.getOutputStream());
                if (count % 2 == 0) {
                    writer.transport.close();
                } else {
                    writer.transport.abort();
                    reader.transport.abort();
                }
                reader.awaitLost();
                writer.awaitLost();
                assertThat(awaitExit(child)).isZero();
            }
        });
    }

    private static long openDescriptors() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    @Test
    void nullIsRefused() {
        TestRun.onSockets(_ -> {
            assertThatThrownBy(
                            () -> Net.connectReadPipe(RecordingProtocol::new, (InputStream) null))
                    .isInstanceOf(NullPointerException.class);
            assertThatThrownBy(
                            () -> Net.connectWritePipe(RecordingProtocol::new, (OutputStream) null))
                    .isInstanceOf(NullPointerException.class);
        });
    }
}
