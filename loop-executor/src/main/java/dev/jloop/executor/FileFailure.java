package dev.jloop.executor;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.UnmappableCharacterException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/// Failures of files that name the file. Those of opening, copying and everything else that is done
/// to a file as such do so by themselves, and those of reading and writing do not.
final class FileFailure {
    /// Reads or writes a file, on a thread.
    ///
    /// @param <T> what comes of it
    @FunctionalInterface
    interface Access<T> {
        T run() throws IOException;
    }

    /// The class above it has a message of its own.
    private static final class BadInput extends MalformedInputException {
        private static final long serialVersionUID = 1L;

        private final String message;

        BadInput(String message, MalformedInputException failure) {
            super(failure.getInputLength());
            this.message = message;
            initCause(failure);
        }

        @Override
        public String getMessage() {
            return message;
        }
    }

    /// The class above it has a message of its own.
    private static final class BadCharacter extends UnmappableCharacterException {
        private static final long serialVersionUID = 1L;

        private final String message;

        BadCharacter(String message, UnmappableCharacterException failure) {
            super(failure.getInputLength());
            this.message = message;
            initCause(failure);
        }

        @Override
        public String getMessage() {
            return message;
        }
    }

    private FileFailure() {}

    static <T> T ofReading(Path file, Access<T> reading) throws IOException {
        try {
            return reading.run();
        } catch (CharacterCodingException failure) {
            throw named(file + " is no text in the encoding it is read in", failure);
        } catch (IOException failure) {
            throw named("cannot read " + file, failure);
        }
    }

    static <T> T ofWriting(Path file, Access<T> writing) throws IOException {
        try {
            return writing.run();
        } catch (CharacterCodingException failure) {
            throw named("the text for " + file + " cannot be encoded", failure);
        } catch (IOException failure) {
            throw named("cannot write " + file, failure);
        }
    }

    /// {@return a failure of the same type}
    private static IOException named(String what, IOException failure) {
        var message = what + ": " + failure.getMessage();
        return switch (failure) {
            case FileSystemException named -> named;
            case MalformedInputException malformed -> new BadInput(message, malformed);
            case UnmappableCharacterException unmappable -> new BadCharacter(message, unmappable);
            default ->
                    failure.getClass() == IOException.class
                            ? new IOException(message, failure)
                            : failure;
        };
    }
}
