package dev.jloop.core.sync;

/// Thrown to a party of an [AsyncBarrier] that was reset or aborted while the party waited, or was
/// aborted before it came.
///
/// It is unchecked, as nobody can do much about it at the place where it comes out, and its name is
/// not that of the JDK's checked exception, so that the two are not mixed up by an import.
///
/// @since 0.1
public class BarrierBrokenException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /// A barrier that will not open for this party.
    ///
    /// @param message what happened to the barrier
    public BarrierBrokenException(String message) {
        super(message);
    }
}
