package dev.jloop.executor;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/// Failures of files that name the file. Those of opening do so by themselves, and those of reading
/// do not.
final class FileFailure {
    /// Reads a file, on a thread.
    ///
    /// @param <T> what comes of it
    @FunctionalInterface
    interface Reading<T> {
        T read() throws IOException;
    }

    /// The class above it has a message of its own.
    private static final class NoText extends MalformedInputException {
        private static final long serialVersionUID = 1L;

        private final String message;

        NoText(Path file, MalformedInputException failure) {
            super(failure.getInputLength());
            message = file + " is no text in the encoding it is read in: " + failure.getMessage();
            initCause(failure);
        }

        @Override
        public String getMessage() {
            return message;
        }
    }

    private FileFailure() {}

    static <T> T naming(Path file, Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (IOException failure) {
            throw switch (failure) {
                case FileSystemException named -> named;
                case MalformedInputException noText -> new NoText(file, noText);
                default ->
                        failure.getClass() == IOException.class
                                ? new IOException(
                                        "cannot read " + file + ": " + failure.getMessage(),
                                        failure)
                                : failure;
            };
        }
    }
}
