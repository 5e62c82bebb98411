package dev.jloop.executor;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;

/// Something that blocks, such as an open file, and is opened, used and closed off the loop. It is
/// closed on every path: where its user is cancelled while a thread uses it, or even opens it, that
/// thread closes it when it is done.
///
/// @param <R> what it is
final class OffLoopResource<R extends Closeable> implements AutoCloseable {
    /// Opens it, on a thread.
    ///
    /// @param <R> what is opened
    @FunctionalInterface
    interface Opening<R> {
        R open() throws IOException;
    }

    /// Uses it, on a thread.
    ///
    /// @param <R> what is used
    /// @param <T> the type of the result
    @FunctionalInterface
    interface Use<R, T> {
        T use(R resource) throws IOException;
    }

    private final EventLoop loop = EventLoop.current();
    private final OffloadOptions options;
    private final Opening<? extends R> opening;

    // ---- guarded by this

    private @Nullable R resource;
    private boolean inUse;
    private boolean closed;

    /// @param opening called by the first use
    /// @param options of each use
    OffLoopResource(Opening<? extends R> opening, OffloadOptions options) {
        this.opening = opening;
        this.options = options;
    }

    /// Uses the resource on a thread, one use at a time. **Suspends.**
    <T> T use(Use<? super R, ? extends T> use) throws IOException {
        return Offload.<T, IOException>toThread(() -> useHere(use), options);
    }

    private <T> T useHere(Use<? super R, ? extends T> use) throws IOException {
        if (!tryBegin()) {
            throw new IOException("it was closed before it was used: " + options.name());
        }
        try {
            return use.use(open());
        } finally {
            if (endsClosed()) {
                closeUnattended();
            }
        }
    }

    private R open() throws IOException {
        synchronized (this) {
            if (resource != null) {
                return resource;
            }
        }
        var opened = opening.open(); // which may block, and the loop may want to close meanwhile
        synchronized (this) {
            resource = opened;
        }
        return opened;
    }

    private void closeUnattended() {
        try {
            closeResource();
        } catch (IOException failure) { // the one who would get it was cancelled
            var report =
                    LoopException.of(
                            "could not close after a cancelled " + options.name(), failure);
            Handover.submitUnlessClosed(loop, () -> loop.callExceptionHandler(report));
        }
    }

    private void closeResource() throws IOException {
        R opened;
        synchronized (this) {
            opened = resource;
            resource = null;
        }
        if (opened != null) {
            opened.close();
        }
    }

    /// Closes it on a thread; where a use that was cancelled still goes on, leaves it to that.
    /// **Suspends.**
    @Override
    public void close() throws IOException {
        if (!isLeftToClose()) {
            return;
        }
        LoopFuture<@Nullable IOException> closing;
        try {
            closing = closeOnThread();
        } catch (RuntimeException | Error noThread) {
            closeResource(); // here, as there is no other thread to do it
            return;
        }
        // A task that is cancelled again meanwhile must not take the work back.
        var failure = Async.shield(closing).await();
        if (failure != null) {
            throw failure;
        }
    }

    /// Without a token: who is cancelled does not wait for others to end their use of theirs, and a
    /// loop that closes drops work that waits for one.
    private LoopFuture<@Nullable IOException> closeOnThread() {
        return OffloadedCall.submit(
                DefaultExecutor.of(loop).blockingWithoutLimit(),
                () -> closeAndKeepFailure(),
                "close after " + options.name(),
                OffloadOptions.DEFAULTS,
                loop);
    }

    private @Nullable IOException closeAndKeepFailure() {
        try {
            closeResource();
            return null;
        } catch (IOException failure) {
            return failure;
        }
    }

    private synchronized boolean tryBegin() {
        if (closed) {
            return false;
        }
        inUse = true;
        return true;
    }

    /// {@return whether it was closed during the use}
    private synchronized boolean endsClosed() {
        inUse = false;
        return closed;
    }

    private synchronized boolean isLeftToClose() {
        closed = true;
        return !inUse && resource != null;
    }
}
