package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Lends parts of a loop's [ReadBuffer] to one protocol, and needs one object for all loans that
/// are over before the next.
///
/// Whoever keeps a loan without a right to it therefore gets an error from it or, while a later one
/// is on, the bytes of that: they are for the same protocol, never for another connection. In debug
/// mode each loan has an object of its own: what is kept always gives the error, and what is
/// retained and never released is reported.
final class Lender {
    private final ReadBuffer memory;
    private final EventLoop loop;
    private final RetainedBuffers.Borrower borrower;
    private @Nullable Loan last;

    /// How many bytes the next read may give.
    private int expected;

    Lender(EventLoop loop, RetainedBuffers.Borrower borrower) {
        this.loop = loop;
        this.borrower = borrower;
        memory = ReadBuffer.of(loop);
    }

    /// {@return an object that serves for one loan; in debug mode it is reported if it is retained
    /// and never released}
    static Loan freshLoan(EventLoop loop, RetainedBuffers.Borrower borrower) {
        return loop.isDebug() ? new Loan(RetainedBuffers.of(loop), borrower) : new Loan();
    }

    /// Reads once; [#lend(int)] gives what was read.
    ///
    /// @return as [Network.Link#read(java.nio.ByteBuffer)]
    int readFrom(Network.Link link) throws IOException {
        return memory.readFrom(link, expected);
    }

    /// {@return the `count` bytes read last: the caller hands them on and then gives them back}
    Loan lend(int count) {
        var loan = free();
        memory.lendTo(loan, count);
        expect(count);
        return loan;
    }

    /// Where the space was too small, nobody knows how long the message was.
    private void expect(int count) {
        expected = memory.isFull() ? ReadBuffer.CAPACITY : ReadSizes.expectedAfter(expected, count);
    }

    private Loan free() {
        if (loop.isDebug()) {
            return freshLoan(loop, borrower);
        }
        var loan = last;
        if (loan == null || !loan.isFree()) {
            loan = new Loan();
            last = loan;
        }
        return loan;
    }
}
