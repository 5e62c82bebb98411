package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.FileChannel;

/// Sends a part of one file over one link, while nothing else is sent.
final class FileSender {
    /// The most in one system call, which blocks while the file is read from the disk.
    private static final long STEP_BYTES = 1024 * 1024;

    private final EventLoop loop;
    private final Network.Link link;
    private @Nullable LoopFuture<@Nullable Void> waiter;
    private boolean hasSent;
    private boolean lost;
    private @Nullable Throwable lossCause;

    FileSender(EventLoop loop, Network.Link link) {
        this.loop = loop;
        this.link = link;
    }

    long send(boolean queueIsEmpty, FileChannel file, long offset, long count) throws IOException {
        if (!queueIsEmpty) {
            await();
        }
        var end = offset + Math.min(count, Math.max(0, file.size() - offset));
        var position = offset;
        try {
            while (position < end) {
                checkConnected();
                var sent = link.transferFrom(file, position, Math.min(end - position, STEP_BYTES));
                position += sent;
                hasSent |= sent > 0;
                if (sent == 0) {
                    if (position >= file.size()) {
                        break; // the file was cut off meanwhile
                    }
                    awaitLink();
                } else if (position < end) {
                    yieldToOthers();
                }
            }
        } finally {
            link.removeWriter();
        }
        return position - offset;
    }

    private void awaitLink() throws SocketException {
        link.addWriter(this::wake);
        try {
            await();
        } finally {
            link.removeWriter();
        }
    }

    private void yieldToOthers() throws SocketException {
        loop.callSoon(this::wake);
        await();
    }

    private void await() throws SocketException {
        LoopFuture<@Nullable Void> future = loop.createFuture();
        waiter = future;
        try {
            future.await();
        } finally {
            waiter = null;
        }
        checkConnected();
    }

    private void checkConnected() throws SocketException {
        if (lost) {
            var failure = new SocketException("connection lost while a file was sent");
            if (lossCause != null) {
                failure.initCause(lossCause);
            }
            throw failure;
        }
    }

    /// {@return whether a part of the file, or all of it, is on its way}
    boolean hasSent() {
        return hasSent;
    }

    void queueDrained() {
        wake();
    }

    void connectionLost(@Nullable Throwable cause) {
        lost = true;
        lossCause = cause;
        wake();
    }

    private void wake() {
        if (waiter != null) {
            Readiness.complete(waiter);
        }
    }
}
