package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The received buffers of a loop in debug mode that somebody has retained, and where, so that what
/// is never released can be reported.
///
/// Buffers that the user has allocated himself are not among them: nobody here sees those.
///
/// **Threading:** whoever holds a reference may retain and release, on any thread.
final class RetainedBuffers {
    /// Whom a buffer was lent to.
    @FunctionalInterface
    interface Borrower {
        /// {@return whether it could not know that it is over: its last callback never came}
        boolean wasCutShort();
    }

    /// More are counted and not kept.
    private static final int MOST_SITES = 8;

    private final EventLoop loop;

    /// Guarded by itself; in the order in which they were first retained.
    private final Set<Watch> retained = new LinkedHashSet<>();

    RetainedBuffers(EventLoop loop) {
        this.loop = loop;
    }

    static RetainedBuffers of(EventLoop loop) {
        return OpenResources.of(loop).retained();
    }

    /// {@return a watch for `buffer`, which serves for one loan to `borrower`}
    Watch watch(Loan buffer, Borrower borrower) {
        return new Watch(buffer, borrower);
    }

    /// Reports each that is still retained, when nobody will release it any more.
    void reportAll() {
        List<Watch> left;
        synchronized (retained) {
            left = new ArrayList<>(retained);
            retained.clear();
        }
        for (var watch : left) {
            if (!watch.borrower.wasCutShort()) {
                loop.callExceptionHandler(watch.report());
            }
        }
    }

    /// What is known of one loan.
    final class Watch {
        private final Loan buffer;
        private final Borrower borrower;

        /// Where it was retained, the first first; guarded by [#retained], as the next is.
        private final List<Throwable> sites = new ArrayList<>();

        private int moreSites;

        private Watch(Loan buffer, Borrower borrower) {
            this.buffer = buffer;
            this.borrower = borrower;
        }

        /// Called where the buffer is retained, by whoever does.
        void retained() {
            var site = new Throwable("retained here");
            synchronized (retained) {
                retained.add(this);
                if (sites.size() < MOST_SITES) {
                    sites.add(site);
                } else {
                    moreSites++;
                }
            }
        }

        /// Called when the last reference is gone.
        void released() {
            synchronized (retained) {
                retained.remove(this);
            }
        }

        private LoopException report() {
            var first = sites.getFirst();
            sites.stream().skip(1).forEach(first::addSuppressed);
            var report =
                    LoopException.of(
                            "a received buffer of "
                                    + buffer.capacity()
                                    + " bytes was never released: calls of retain(): "
                                    + (sites.size() + moreSites)
                                    + ", references left: "
                                    + buffer.refCnt()
                                    + "; it was lent to "
                                    + borrower,
                            null);
            return report.with("buffer", buffer)
                    .with("transport", borrower)
                    .with("created at", first);
        }
    }
}
