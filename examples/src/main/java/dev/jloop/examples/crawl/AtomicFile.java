package dev.jloop.examples.crawl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Writes files that are either whole or not there.
public final class AtomicFile {
    private AtomicFile() {}

    /// Writes `text` in UTF-8 to a file beside `target`, and moves that to its place in one step.
    /// Missing folders are made. Blocks.
    ///
    /// @param target where the file shall be; what is there is replaced
    /// @param text what it shall hold
    /// @throws IOException if that fails, in which case `target` is as it was
    public static void write(Path target, String text) throws IOException {
        var folder = target.toAbsolutePath().normalize().getParent();
        if (folder == null) {
            throw new IOException(target + " is a folder; name a file");
        }
        Files.createDirectories(folder);
        var draft = folder.resolve("." + target.getFileName() + "-" + UUID.randomUUID() + ".tmp");
        try {
            Files.writeString(draft, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
