package dev.jloop.examples.intro;

import dev.jloop.core.Async;
import dev.jloop.executor.Offload;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// Digests files by code that blocks: each of them in the executor, all of them at once.
public final class Digests {
    private static final int PIECE_BYTES = 64 * 1024;

    private Digests() {}

    /// Suspends, while threads read the files.
    ///
    /// @param files to read
    /// @return their SHA-256 in hexadecimal digits, in the order of the files
    /// @throws java.util.concurrent.CompletionException if one cannot be read; its cause is the
    ///   [IOException]
    public static List<String> sha256(List<Path> files) {
        var digests =
                files.stream().map(file -> Offload.runInExecutor(() -> sha256(file))).toList();
        try {
            return Async.gather(digests).await();
        } finally {
            digests.forEach(digest -> digest.cancel("another file cannot be read"));
        }
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        var digest = MessageDigest.getInstance("SHA-256");
        try (var input = new DigestInputStream(Files.newInputStream(file), digest)) {
            var piece = new byte[PIECE_BYTES];
            while (input.read(piece) >= 0) {
                Offload.checkCancelled();
            }
        } catch (IOException failure) {
            throw new IOException("cannot read " + file + ": " + reason(failure), failure);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// The messages of some exceptions are nothing but the name of the file.
    private static String reason(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "that is not allowed";
            default -> String.valueOf(failure.getMessage());
        };
    }
}
