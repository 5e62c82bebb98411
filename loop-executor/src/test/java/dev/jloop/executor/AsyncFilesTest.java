package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnmappableCharacterException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

@Timeout(30)
class AsyncFilesTest {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final boolean DESCRIPTORS_KNOWN = Files.isDirectory(DESCRIPTORS);

    private final CountingLoop loop = new CountingLoop();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        loop.close();
        assertThat(loop.reports()).isEmpty();
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    @Test
    void wholeFilesAreWrittenAppendedToAndRead() {
        loop.runUntilComplete(() -> {
            var file = file("text");
            AsyncFiles.writeString(file, "één");
            AsyncFiles.append(file, " two");
            AsyncFiles.append(file, new byte[] {'!'});
            assertThat(AsyncFiles.readString(file)).isEqualTo("één two!");
            assertThat(AsyncFiles.readAllBytes(file))
                    .isEqualTo("één two!".getBytes(StandardCharsets.UTF_8));
            assertThat(AsyncFiles.size(file)).isEqualTo(10);
            AsyncFiles.write(file, new byte[] {(byte) 0xe9});
            assertThat(AsyncFiles.readString(file, StandardCharsets.ISO_8859_1)).isEqualTo("é");
            assertThatThrownBy(() -> AsyncFiles.readString(file))
                    .isInstanceOf(MalformedInputException.class)
                    .hasMessageContaining(file + " is no text");
            assertThatThrownBy(() ->
                            AsyncFiles.writeString(file, "new", StandardOpenOption.CREATE_NEW))
                    .isInstanceOf(FileAlreadyExistsException.class)
                    .hasMessageContaining(file.toString());
        });
    }

    @Test
    void filesAreCopiedMovedLookedForAndDeleted() {
        loop.runUntilComplete(() -> {
            var inner = file("a/b");
            AsyncFiles.createDirectories(inner);
            AsyncFiles.writeString(file("one"), "1");
            AsyncFiles.copy(file("one"), inner.resolve("two"));
            AsyncFiles.move(file("one"), file("three"));
            assertThat(AsyncFiles.exists(file("one"))).isFalse();
            assertThat(AsyncFiles.list(folder)).containsExactly(file("a"), file("three"));
            assertThatThrownBy(() -> AsyncFiles.copy(file("three"), inner.resolve("two")))
                    .isInstanceOf(FileAlreadyExistsException.class);
            AsyncFiles.copy(
                    file("three"), inner.resolve("two"), StandardCopyOption.REPLACE_EXISTING);
            AsyncFiles.delete(file("three"));
            assertThat(AsyncFiles.deleteIfExists(file("three"))).isFalse();
            assertThatThrownBy(() -> AsyncFiles.delete(file("three")))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessage(file("three").toString());
            assertThatThrownBy(() -> AsyncFiles.list(file("three")))
                    .isInstanceOf(NoSuchFileException.class);
        });
    }

    @Test
    void linesComeOneByOneAndWithoutTheirEnds() throws IOException {
        var lines = IntStream.range(0, 20_000).mapToObj(i -> "line " + i).toList();
        Files.write(file("lines"), lines);

        loop.runUntilComplete(() -> {
            var read = new ArrayList<String>();
            for (var line : AsyncFiles.lines(file("lines"))) {
                read.add(line);
            }
            assertThat(read).isEqualTo(lines);
        });
    }

    @Test
    void chunksAreAsLongAsAskedForButTheLast() throws IOException {
        var bytes = new byte[100_000];
        new Random(7).nextBytes(bytes);
        Files.write(file("bytes"), bytes);

        loop.runUntilComplete(() -> {
            for (var length : List.of(1 << 20, 65_536, 1_000, 999)) {
                var read = new ByteArrayOutputStream();
                var last = length;
                for (var chunk : AsyncFiles.chunks(file("bytes"), length)) {
                    assertThat(last).isEqualTo(length);
                    last = chunk.length;
                    read.writeBytes(chunk);
                }
                assertThat(read.toByteArray()).isEqualTo(bytes);
            }
        });
        assertThatThrownBy(() -> AsyncFiles.chunks(file("bytes"), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("was 0");
    }

    @Test
    void nothingIsReadAheadOfWhoIterates() throws IOException {
        Files.write(file("bytes"), new byte[3 * 65_536]);
        loop.runUntilComplete(() -> {
            try (var chunks = AsyncFiles.chunks(file("bytes"), 65_536).iterator()) {
                assertThat(chunks.next()).hasSize(65_536);
                // what is written now is seen: it was not read before
                Files.write(file("bytes"), new byte[65_536 + 5]);
                assertThat(chunks.next()).hasSize(5);
                assertThat(chunks.hasNext()).isFalse();
            }
        });
    }

    @Test
    void aFileThatCannotTakeWhatIsWrittenIsNamed() {
        var full = Path.of("/dev/full"); // as a disk without space
        assumeThat(full).exists();
        loop.runUntilComplete(() -> {
            List<ThrowingCallable> writes =
                    List.of(
                            () -> AsyncFiles.write(full, new byte[5], StandardOpenOption.WRITE),
                            () -> AsyncFiles.writeString(full, "text", StandardOpenOption.WRITE),
                            () ->
                                    AsyncFiles.writeChunks(
                                            full, List.of(new byte[5]), StandardOpenOption.WRITE));
            for (var write : writes) {
                assertThatThrownBy(write)
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith("cannot write /dev/full: No space");
            }
        });
    }

    @Test
    void aFileWhoseTextCannotBeEncodedOrDecodedIsNamed() {
        loop.runUntilComplete(() -> {
            var file = file("text");
            assertThatThrownBy(() -> AsyncFiles.writeString(file, "half of a pair: \ud83d"))
                    .isInstanceOf(CharacterCodingException.class)
                    .hasMessageStartingWith("the text for " + file + " cannot be encoded: ");
            Files.write(file, new byte[] {(byte) 0x81}); // nothing in that encoding
            var charset = Charset.forName("windows-1252");
            assertThatThrownBy(() -> AsyncFiles.readString(file, charset))
                    .isInstanceOf(UnmappableCharacterException.class)
                    .hasMessageStartingWith(file + " is no text");
            assertThatThrownBy(() -> AsyncFiles.lines(file, charset).iterator().hasNext())
                    .hasCauseInstanceOf(UnmappableCharacterException.class)
                    .hasMessageContaining(file + " is no text");
        });
    }

    @Test
    void aFolderThatIsReadAsAFileIsNamed() {
        loop.runUntilComplete(() -> {
            var path = folder.toString();
            assertThatThrownBy(() -> AsyncFiles.readAllBytes(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(path);
            assertThatThrownBy(() -> AsyncFiles.readString(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(path);
            assertThatThrownBy(() -> AsyncFiles.lines(folder).iterator().hasNext())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(path);
            assertThatThrownBy(() -> AsyncFiles.chunks(folder, 10).iterator().hasNext())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(path);
        });
    }

    @Test
    void linesAreSeenUpToThePieceThatCannotBeDecoded() throws IOException {
        Files.write(file("bad"), new byte[] {'a', '\n', 'b', '\n', (byte) 0xff, '\n'});
        var many = new byte[20_000];
        Arrays.fill(many, (byte) '\n');
        many[19_000] = (byte) 0xff;
        Files.write(file("bad later"), many);
        loop.runUntilComplete(() -> {
            assertThatThrownBy(() -> AsyncFiles.lines(file("bad")).iterator().next())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(MalformedInputException.class)
                    .hasMessageContaining(file("bad").toString());
            var seen = new AtomicInteger();
            assertThatThrownBy(
                            () -> {
                                for (var line : AsyncFiles.lines(file("bad later"))) {
                                    seen.addAndGet(1 + line.length());
                                }
                            })
                    .hasCauseInstanceOf(MalformedInputException.class);
            assertThat(seen.get()).isGreaterThan(8_000);
            assertThatThrownBy(() -> AsyncFiles.lines(file("missing")).iterator().hasNext())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(NoSuchFileException.class);
        });
    }

    @Test
    void aFolderIsWalkedAsDeepAsAskedFor() throws IOException {
        Files.createDirectories(file("a/b/c"));
        for (var i = 0; i < 600; i++) {
            Files.createFile(file("a/" + i));
        }
        loop.runUntilComplete(() -> {
            var found = new ArrayList<Path>();
            AsyncFiles.walk(folder, 2).forEach(found::add);
            assertThat(found).hasSize(603).startsWith(folder).contains(file("a/b"), file("a/599"));
            assertThat(AsyncFiles.walk(folder, 9)).hasSize(604);
        });
        assertThatThrownBy(() -> AsyncFiles.walk(folder, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @Test
    void chunksAreWrittenAsTheyCome() {
        loop.runUntilComplete(() -> {
            AsyncFiles.writeString(file("source"), "some text to copy");
            var written =
                    AsyncFiles.writeChunks(file("target"), AsyncFiles.chunks(file("source"), 5));
            assertThat(written).isEqualTo(17);
            assertThat(AsyncFiles.readString(file("target"))).isEqualTo("some text to copy");
            assertThat(AsyncFiles.writeChunks(file("empty"), List.of())).isZero();
            assertThat(AsyncFiles.size(file("empty"))).isZero();
        });
    }

    @Test
    void chunksThatFailLeaveWhatWasWritten() {
        loop.runUntilComplete(() -> {
            var failing =
                    Async.<byte[]>generate(emitter -> {
                        emitter.emit(new byte[] {1, 2});
                        throw new IllegalStateException("no more");
                    });
            assertThatThrownBy(() -> AsyncFiles.writeChunks(file("part"), failing))
                    .hasMessage("no more");
            assertThat(AsyncFiles.size(file("part"))).isEqualTo(2);
            assertThatThrownBy(() -> AsyncFiles.writeChunks(file("no/folder"), failing))
                    .isInstanceOf(NoSuchFileException.class);
        });
    }

    @Test
    void aWriteThatIsCancelledBetweenTwoChunksClosesFileAndSource() {
        var events = new ArrayList<String>();
        loop.runUntilComplete(() -> {
            var asked = loop.createFuture();
            var chunks =
                    Async.<byte[]>generate(emitter -> {
                        try {
                            emitter.emit(new byte[] {1, 2});
                            asked.setResult(null);
                            loop.createFuture().await();
                        } finally {
                            events.add("source closed");
                        }
                    });
            var task = Async.createTask(() -> AsyncFiles.writeChunks(file("part"), chunks));
            asked.await();
            assertThat(openDescriptorsOf(file("part"))).isEqualTo(DESCRIPTORS_KNOWN ? 1 : 0);
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            assertThat(openDescriptorsOf(file("part"))).isZero();
        });
        assertThat(events).containsExactly("source closed");
    }

    @Test
    void aPassThatIsClosedAfterTheExecutorWasShutDownStillClosesItsFile() throws IOException {
        Files.write(file("lines"), List.of("a", "b"));
        loop.runUntilComplete(() -> {
            var lines = AsyncFiles.lines(file("lines")).iterator();
            assertThat(lines.next()).isEqualTo("a");
            Offload.shutdownDefaultExecutor(Duration.ofMinutes(1));
            lines.close();
            assertThat(openDescriptorsOf(file("lines"))).isZero();
        });
    }

    @Test
    void eightFilesAreWorkedOnAtATime() {
        loop.runUntilComplete(() -> {
            assertThat(AsyncFiles.limiter().total()).isEqualTo(8);
            AsyncFiles.limiter().changeTotal(1);
            AsyncFiles.limiter().acquire();
            var read = Async.createTask(() -> AsyncFiles.exists(folder));
            Async.yieldNow();
            assertThat(AsyncFiles.limiter().statistics().waiting()).isEqualTo(1);
            assertThat(Offload.toThread(() -> 1)).as("other work goes on").isEqualTo(1);
            AsyncFiles.limiter().release();
            assertThat(read.await()).isTrue();
        });
    }

    /// Counts what is open, and blocks where a test wants it to.
    private static final class Fake implements Closeable {
        private final AtomicInteger open;

        Fake(AtomicInteger open) {
            this.open = open;
            open.incrementAndGet();
        }

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }

    @Test
    void cancelledWhileTheFileIsBeingOpenedItIsClosedByWhoOpensIt() {
        var open = new AtomicInteger();
        var opening = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var task =
                    Async.createTask(() -> {
                        try (var resource =
                                new OffLoopResource<Fake>(
                                        () -> {
                                            opening.countDown();
                                            awaitUninterruptibly(release);
                                            return new Fake(open);
                                        },
                                        OffloadOptions.DEFAULTS.withName("open"))) {
                            resource.use(_ -> 1);
                        }
                    });
            Offload.toThread(() -> opening.await());
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            release.countDown();
            Offload.shutdownDefaultExecutor(Duration.ofMinutes(1));
        });
        assertThat(open).hasValue(0);
    }

    @Test
    void cancelledBetweenTwoUsesTheFileIsClosed() {
        var open = new AtomicInteger();
        loop.runUntilComplete(() -> {
            var used = loop.createFuture();
            var task =
                    Async.createTask(() -> {
                        try (var resource =
                                new OffLoopResource<Fake>(
                                        () -> new Fake(open),
                                        OffloadOptions.DEFAULTS.withName("open"))) {
                            resource.use(_ -> 1);
                            used.setResult(null);
                            loop.createFuture().await();
                        }
                    });
            used.await();
            assertThat(open).hasValue(1);
            task.cancel();
            Async.yieldNow();
            task.cancel("again, while it closes");
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            Offload.shutdownDefaultExecutor(Duration.ofMinutes(1));
        });
        assertThat(open).hasValue(0);
    }

    /// Open, and used once, under a limiter whose only token `borrower` has then.
    private static OffLoopResource<Fake> opened(
            AtomicInteger open, CapacityLimiter limiter, Object borrower) throws IOException {
        var resource =
                new OffLoopResource<Fake>(
                        () -> new Fake(open),
                        OffloadOptions.DEFAULTS.withLimiter(limiter).withName("open"));
        resource.use(_ -> 1);
        limiter.acquireOnBehalfOf(borrower);
        return resource;
    }

    @Test
    void whatIsClosedNeedsNoTokenOfAnyLimiter() {
        var open = new AtomicInteger();
        loop.runUntilComplete(() -> {
            var limiter = new CapacityLimiter(1);
            var resource = opened(open, limiter, "another reader");
            Offload.defaultLimiter().changeTotal(1);
            Offload.defaultLimiter().acquireOnBehalfOf("a slow query");
            Async.withTimeout(
                    Duration.ofSeconds(20),
                    () -> {
                        resource.close();
                        return 1;
                    });
            assertThat(open).hasValue(0);
        });
    }

    @Test
    void whatALoopThatClosesEndsIsClosedThoughTheLimiterIsFull() {
        var open = new AtomicInteger();
        var closed = new CountDownLatch(1);
        var closing = new CountingLoop();
        closing.runUntilComplete(() -> {
            var limiter = new CapacityLimiter(1);
            var used = closing.createFuture();
            var _ =
                    Async.createTask(() -> {
                        try (var resource =
                                new OffLoopResource<Closeable>(
                                        () -> {
                                            open.incrementAndGet();
                                            return () -> {
                                                open.decrementAndGet();
                                                closed.countDown();
                                            };
                                        },
                                        OffloadOptions.DEFAULTS.withLimiter(limiter))) {
                            resource.use(_ -> 1);
                            used.setResult(null);
                            closing.createFuture().await();
                        }
                    });
            used.await();
            limiter.acquireOnBehalfOf("another reader");
        });
        closing.close();
        awaitUninterruptibly(closed);
        assertThat(open).hasValue(0);
    }

    @Test
    void aPassThatIsLeftEarlyAndClosedClosesItsFile() throws IOException {
        Files.write(file("lines"), List.of("a", "b"));
        loop.runUntilComplete(() -> {
            for (var i = 0; i < 200; i++) {
                try (var lines = AsyncFiles.lines(file("lines")).iterator()) {
                    assertThat(lines.next()).isEqualTo("a");
                }
            }
            assertThat(openDescriptorsOf(file("lines"))).isZero();
        });
    }

    /// Where the system tells.
    private static long openDescriptorsOf(Path file) throws IOException {
        if (!DESCRIPTORS_KNOWN) {
            return 0;
        }
        try (var open = Files.list(DESCRIPTORS)) {
            return open.filter(
                            link -> {
                                try {
                                    return Files.readSymbolicLink(link).equals(file);
                                } catch (IOException gone) {
                                    return false; // it was closed since it was listed
                                }
                            })
                    .count();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }
}
