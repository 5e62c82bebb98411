package dev.jloop.transports;

/// Tells the failures of user code that are reported from those that must stop the loop.
final class Unbearable {
    private Unbearable() {}

    /// Throws what the virtual machine itself failed with; a stack overflow is the user's.
    static void rethrow(Throwable failure) {
        if (failure instanceof VirtualMachineError error
                && !(error instanceof StackOverflowError)) {
            throw error;
        }
    }
}
