package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Lends parts of a loop's [ReadBuffer] to one protocol, and needs one object for all loans that
/// are over before the next.
///
/// Whoever keeps a loan without a right to it therefore gets an error from it or, while a later one
/// is on, the bytes of that: they are for the same protocol, never for another connection. In debug
/// mode each loan has an object of its own, and what is kept always gives the error.
final class Lender {
    private final ReadBuffer memory;
    private final EventLoop loop;
    private @Nullable Loan last;

    Lender(EventLoop loop) {
        this.loop = loop;
        memory = ReadBuffer.of(loop);
    }

    /// Reads once; [#lend(int)] gives what was read.
    ///
    /// @return as [Network.Link#read(java.nio.ByteBuffer)]
    int readFrom(Network.Link link) throws IOException {
        return memory.readFrom(link);
    }

    /// {@return the `count` bytes read last: the caller hands them on and then gives them back}
    Loan lend(int count) {
        var loan = last;
        if (loan == null || !loan.isFree() || loop.isDebug()) {
            loan = new Loan();
            last = loan;
        }
        memory.lendTo(loan, count);
        return loan;
    }
}
