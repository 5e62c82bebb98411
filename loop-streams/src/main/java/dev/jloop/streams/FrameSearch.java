package dev.jloop.streams;

import org.jspecify.annotations.Nullable;

/// Looks for one frame at the start of what has come. Serves for one frame.
interface FrameSearch {
    /// Where a frame lies: its content from `start` to `contentEnd`, and nothing of it from `end`
    /// on.
    record Frame(int start, int contentEnd, int end) {}

    /// {@return the frame, or null while bytes of it are missing}
    @Nullable Frame findIn(ByteQueue queue) throws FrameTooLongException;

    /// {@return how many bytes the frame needs, as far as is known, or
    /// [IncompleteReadException#UNKNOWN]}
    int expected();
}
