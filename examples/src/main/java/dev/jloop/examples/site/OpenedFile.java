package dev.jloop.examples.site;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A file that is opened on another thread, for a coroutine that may be cancelled meanwhile: then
/// it is closed, whoever is first.
final class OpenedFile {
    private @Nullable FileChannel file;
    private boolean abandoned;

    /// Opens a file for reading.
    FileChannel open(Path path) throws IOException {
        var opened = FileChannel.open(path); // which may take its time
        synchronized (this) {
            if (!abandoned) {
                file = opened;
                return opened;
            }
        }
        opened.close();
        throw new IOException("nobody waits for " + path + " any more");
    }

    /// Closes the file, if it is open, and keeps it from being opened. Not to be called where the
    /// file was given away.
    void abandon() throws IOException {
        synchronized (this) {
            abandoned = true;
            if (file != null) {
                file.close();
            }
        }
    }
}
