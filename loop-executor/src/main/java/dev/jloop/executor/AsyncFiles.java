package dev.jloop.executor;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncIterable;
import dev.jloop.core.AsyncIterator;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;

/// Files from a coroutine: [java.nio.file.Files] off the loop, so that no coroutine blocks on a
/// disk.
///
/// ```java
/// var settings = AsyncFiles.readString(folder.resolve("settings"));
/// try (var lines = AsyncFiles.lines(log).iterator()) {  // closes the file on every path
///     while (lines.hasNext()) {
///         show(lines.next());
///     }
/// }
/// AsyncFiles.writeString(report, text);
/// ```
///
/// Everything here **suspends**, works in a coroutine only, and throws what the method of `Files`
/// with that name throws, or one of the same type that names the file. The work is done in the
/// default executor of the loop, eight files at a time: see [#limiter()].
///
/// **Passes.** Lines, chunks and paths can be had by a plain for-each too. One that reaches its end
/// or fails in reading closes the file. One that is left before, by `break`, by an exception of its
/// body, or as the task is cancelled there, does so only when it is garbage collected or the loop
/// closes; so where that may happen, take the iterator in a try-with-resources.
///
/// **Cancellation.** What has not begun is not done. What has begun is finished by its thread, and
/// the file is closed: a write that was cancelled may be found complete, absent, or under way. No
/// thread is interrupted, as that would close channels that others may use.
///
/// @since 0.1
public final class AsyncFiles {
    /// More at a time seldom make a disk faster, and each may hold a carrier of virtual threads.
    private static final int MOST_AT_A_TIME = 8;

    private static final int LARGEST_CHUNK = 64 * 1024 * 1024;

    /// Kept by the loop.
    ///
    /// @param limiter of all work with files
    private record Access(CapacityLimiter limiter) {}

    private AsyncFiles() {}

    /// {@return the limiter of the current loop for all work with files} Its total is 8 unless
    /// changed. A for-each over lines, chunks or paths has a token while it reads, and none while
    /// its body runs.
    ///
    /// @throws IllegalStateException if no loop runs on this thread
    public static CapacityLimiter limiter() {
        return EventLoop.current()
                .service(Access.class, _ -> new Access(new CapacityLimiter(MOST_AT_A_TIME)))
                .limiter();
    }

    private static OffloadOptions named(String what, Path path) {
        return OffloadOptions.DEFAULTS.withLimiter(limiter()).withName(what + " " + path);
    }

    // ---- whole files

    /// {@return all bytes of a file} **Suspends.**
    ///
    /// @param file the file; held in memory whole
    /// @throws IOException if it cannot be read
    /// @throws CancelledError if the task is cancelled meanwhile
    public static byte[] readAllBytes(Path file) throws IOException {
        return Offload.<byte[], IOException>toThread(
                () -> FileFailure.ofReading(file, () -> Files.readAllBytes(file)),
                named("read", file));
    }

    /// {@return all of a file as text in UTF-8} **Suspends.**
    ///
    /// @param file the file; held in memory whole
    /// @throws IOException if it cannot be read, or is no text in UTF-8
    /// @throws CancelledError if the task is cancelled meanwhile
    public static String readString(Path file) throws IOException {
        return readString(file, StandardCharsets.UTF_8);
    }

    /// {@return all of a file as text} **Suspends.**
    ///
    /// @param file the file; held in memory whole
    /// @param charset how it is encoded
    /// @throws IOException if it cannot be read, or is no text in that encoding
    /// @throws CancelledError if the task is cancelled meanwhile
    public static String readString(Path file, Charset charset) throws IOException {
        return Offload.<String, IOException>toThread(
                () -> FileFailure.ofReading(file, () -> Files.readString(file, charset)),
                named("read", file));
    }

    /// Writes a file. **Suspends.**
    ///
    /// @param file the file
    /// @param bytes all it is to hold; not to be changed before this returns
    /// @param options as for `Files.write`; none means to create it, or to replace what it holds
    /// @throws IOException if it cannot be written
    /// @throws CancelledError if the task is cancelled meanwhile; a write that has begun goes on
    public static void write(Path file, byte[] bytes, OpenOption... options) throws IOException {
        Offload.<IOException>toThread(
                () -> {
                    FileFailure.ofWriting(file, () -> Files.write(file, bytes, options));
                },
                named("write", file));
    }

    /// Writes a file as text in UTF-8. **Suspends.**
    ///
    /// @param file the file
    /// @param text all it is to hold
    /// @param options as for `Files.writeString`; none means to create it, or to replace what it
    ///   holds
    /// @throws IOException if it cannot be written, or the text has half of a surrogate pair
    /// @throws CancelledError if the task is cancelled meanwhile; a write that has begun goes on
    public static void writeString(Path file, CharSequence text, OpenOption... options)
            throws IOException {
        Offload.<IOException>toThread(
                () -> {
                    FileFailure.ofWriting(file, () -> Files.writeString(file, text, options));
                },
                named("write", file));
    }

    /// Adds to the end of a file, which is created where there is none. **Suspends.**
    ///
    /// @param file the file
    /// @param bytes what is added; not to be changed before this returns
    /// @throws IOException if it cannot be written
    /// @throws CancelledError if the task is cancelled meanwhile; a write that has begun goes on
    public static void append(Path file, byte[] bytes) throws IOException {
        write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /// Adds text in UTF-8 to the end of a file, which is created where there is none. **Suspends.**
    ///
    /// @param file the file
    /// @param text what is added
    /// @throws IOException if it cannot be written
    /// @throws CancelledError if the task is cancelled meanwhile; a write that has begun goes on
    public static void append(Path file, CharSequence text) throws IOException {
        writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    // ---- bit by bit

    /// {@return the lines of a file in UTF-8, without their ends} See [#lines(Path, Charset)].
    ///
    /// @param file the file
    public static AsyncIterable<String> lines(Path file) {
        return lines(file, StandardCharsets.UTF_8);
    }

    /// {@return the lines of a file, without their ends, for a plain for-each}
    ///
    /// Each pass opens the file when its first line is asked for, reads about 32 KiB at a time when
    /// those before are used up, and nothing ahead; a line is held in memory whole. The file is
    /// closed at the end of the pass. A pass that is left early has to be closed, by
    /// try-with-resources on its iterator; else the file stays open until garbage collection: see
    /// [Async#generate].
    ///
    /// What reading fails with, as a file that is missing or no text in that encoding, comes out of
    /// the iterator as an `UncheckedIOException`. Text is decoded about 8 KiB at a time: where the
    /// encoding is bad, lines in the same 8 KiB before that place may not come any more.
    ///
    /// @param file the file
    /// @param charset how it is encoded
    public static AsyncIterable<String> lines(Path file, Charset charset) {
        return items(
                "read lines of",
                file,
                () -> ItemReader.lines(Files.newBufferedReader(file, charset)));
    }

    /// {@return a file in pieces, for a plain for-each} It is opened, read and closed as for
    /// [#lines(Path, Charset)], and fails so.
    ///
    /// @param file the file
    /// @param bytes the length of each piece but the last, from 1 to 64 MiB; pieces below 32 KiB
    ///   are read several at a time
    /// @throws IllegalArgumentException if the length is out of its range
    public static AsyncIterable<byte[]> chunks(Path file, int bytes) {
        if (bytes < 1 || bytes > LARGEST_CHUNK) {
            throw new IllegalArgumentException(
                    "a chunk must have from 1 to " + LARGEST_CHUNK + " bytes, was " + bytes);
        }
        return items(
                "read chunks of", file, () -> ItemReader.chunks(Files.newInputStream(file), bytes));
    }

    /// {@return a folder, all in it, all in the folders in it and so on, for a plain for-each}
    /// Links are not followed. A folder comes before what is in it. It is read bit by bit as for
    /// [#lines(Path, Charset)], and fails so.
    ///
    /// @param folder the folder
    /// @param depth how many levels below the folder; 0 for the folder alone
    /// @throws IllegalArgumentException if the depth is negative
    @SuppressWarnings("StreamResourceLeak") // the reader closes it
    public static AsyncIterable<Path> walk(Path folder, int depth) {
        if (depth < 0) {
            throw new IllegalArgumentException("the depth is negative: " + depth);
        }
        return items("walk", folder, () -> ItemReader.paths(Files.walk(folder, depth)));
    }

    private static <T> AsyncIterable<T> items(
            String what, Path path, OffLoopResource.Opening<ItemReader<T>> opening) {
        return Async.generate(emitter -> {
            try (var reader = new OffLoopResource<>(opening, named(what, path))) {
                for (var batch = nextBatch(path, reader);
                        !batch.isEmpty();
                        batch = nextBatch(path, reader)) {
                    batch.forEach(emitter::emit);
                }
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
    }

    private static <T> List<T> nextBatch(Path path, OffLoopResource<ItemReader<T>> reader)
            throws IOException {
        return reader.use(items -> FileFailure.ofReading(path, items::batch));
    }

    /// Writes a file piece by piece. **Suspends**, also where the pieces have to be waited for; the
    /// next one is asked for when the one before is written.
    ///
    /// If the task is cancelled, or the pieces fail, the file holds those written so far, and
    /// perhaps a part of the next; it is closed.
    ///
    /// @param file the file
    /// @param chunks the pieces; those of an [AsyncIterable] are closed if they are left early
    /// @param options as for `Files.newOutputStream`; none means to create it, or to replace what
    ///   it holds
    /// @return how many bytes were written
    /// @throws IOException if it cannot be written
    /// @throws CancelledError if the task is cancelled meanwhile
    public static long writeChunks(Path file, Iterable<byte[]> chunks, OpenOption... options)
            throws IOException {
        var pieces = chunks.iterator();
        try (var target =
                        new OffLoopResource<>(
                                () -> Files.newOutputStream(file, options),
                                named("write chunks to", file));
                AutoCloseableQuietly _ = () -> closeEarly(pieces)) {
            var written = 0L;
            target.use(_ -> true); // opens it, so that there is a file where there is no piece
            while (pieces.hasNext()) {
                var piece = pieces.next();
                target.use(stream ->
                        FileFailure.ofWriting(
                                file,
                                () -> {
                                    stream.write(piece);
                                    return true;
                                }));
                written += piece.length;
            }
            return written;
        }
    }

    @FunctionalInterface
    private interface AutoCloseableQuietly extends AutoCloseable {
        @Override
        void close();
    }

    private static void closeEarly(Iterator<byte[]> pieces) {
        if (pieces instanceof AsyncIterator<byte[]> pass) {
            pass.close();
        }
    }

    // ---- files and folders as such

    /// Copies a file. **Suspends.**
    ///
    /// @param source the file
    /// @param target where to
    /// @param options as for `Files.copy`; none means that there must be no target yet
    /// @throws IOException if it cannot be copied
    /// @throws CancelledError if the task is cancelled meanwhile; a copy that has begun goes on
    public static void copy(Path source, Path target, CopyOption... options) throws IOException {
        Offload.<IOException>toThread(
                () -> {
                    Files.copy(source, target, options);
                },
                named("copy", source));
    }

    /// Moves or renames a file. **Suspends.**
    ///
    /// @param source the file
    /// @param target where to
    /// @param options as for `Files.move`; none means that there must be no target yet
    /// @throws IOException if it cannot be moved
    /// @throws CancelledError if the task is cancelled meanwhile; a move that has begun goes on
    public static void move(Path source, Path target, CopyOption... options) throws IOException {
        Offload.<IOException>toThread(
                () -> {
                    Files.move(source, target, options);
                },
                named("move", source));
    }

    /// {@return the size of a file in bytes} **Suspends.**
    ///
    /// @param file the file
    /// @throws IOException if it cannot be looked at
    /// @throws CancelledError if the task is cancelled meanwhile
    public static long size(Path file) throws IOException {
        return Offload.<Long, IOException>toThread(() -> Files.size(file), named("size of", file));
    }

    /// {@return whether there is a file or folder} False too where that cannot be found out.
    /// **Suspends.**
    ///
    /// @param path the file or folder
    /// @param options whether links are followed, as they are unless `NOFOLLOW_LINKS` is given
    /// @throws CancelledError if the task is cancelled meanwhile
    public static boolean exists(Path path, LinkOption... options) {
        return Offload.<Boolean, RuntimeException>toThread(
                () -> Files.exists(path, options), named("look for", path));
    }

    /// Deletes a file or an empty folder. **Suspends.**
    ///
    /// @param path the file or folder
    /// @throws IOException if it cannot be deleted, or there is none
    /// @throws CancelledError if the task is cancelled meanwhile
    public static void delete(Path path) throws IOException {
        Offload.<IOException>toThread(() -> Files.delete(path), named("delete", path));
    }

    /// Deletes a file or an empty folder, if there is one. **Suspends.**
    ///
    /// @param path the file or folder
    /// @return whether there was one
    /// @throws IOException if it cannot be deleted
    /// @throws CancelledError if the task is cancelled meanwhile
    public static boolean deleteIfExists(Path path) throws IOException {
        return Offload.<Boolean, IOException>toThread(
                () -> Files.deleteIfExists(path), named("delete", path));
    }

    /// Creates a folder, and those it is in, where they are missing. **Suspends.**
    ///
    /// @param folder the folder
    /// @throws IOException if one cannot be created
    /// @throws CancelledError if the task is cancelled meanwhile
    public static void createDirectories(Path folder) throws IOException {
        Offload.<IOException>toThread(
                () -> {
                    Files.createDirectories(folder);
                },
                named("create", folder));
    }

    /// {@return what is in a folder, sorted, as paths that begin with it; held in memory whole}
    /// **Suspends.** For folders without a limit there is [#walk(Path, int)] with a depth of 1.
    ///
    /// @param folder the folder
    /// @throws IOException if it cannot be read
    /// @throws CancelledError if the task is cancelled meanwhile
    public static List<Path> list(Path folder) throws IOException {
        return Offload.<List<Path>, IOException>toThread(
                () -> {
                    try (var found = Files.list(folder)) {
                        return found.sorted().toList();
                    } catch (UncheckedIOException failure) {
                        throw failure.getCause();
                    }
                },
                named("list", folder));
    }
}
