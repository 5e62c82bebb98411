package dev.jloop.streams;

import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.Task;
import dev.jloop.transports.Key;

import java.io.IOException;

/// Runs a handler for one connection of a server, in a task that is named after the peer.
final class HandlerTask {
    private final EventLoop loop;
    private final StreamProtocol connection;

    /// Held until the handler has ended, when the connection is closed in any case.
    private final StreamWriter writer;

    private HandlerTask(EventLoop loop, StreamProtocol connection) {
        this.loop = loop;
        this.connection = connection;
        writer = connection.handOut();
    }

    static void start(EventLoop loop, StreamHandler handler, StreamProtocol connection) {
        var handling = new HandlerTask(loop, connection);
        var started = false;
        try {
            AsyncRunnable body = () -> handler.handle(handling.writer.reader(), handling.writer);
            var task = loop.createTask(body, handling.name());
            task.addDoneCallback(_ -> handling.ended(task));
            started = true;
        } finally {
            if (!started) {
                connection.transport().abort(); // a task factory failed
            }
        }
    }

    /// Whether the handler failed because this side has cut its connection, as a server does that
    /// is shut down: whoever did it knows.
    private boolean isOwnDoing(Throwable failure) {
        return failure instanceof IOException && connection.transport().isAborted();
    }

    private String name() {
        var peer = connection.transport().extra(Key.PEER_ADDRESS);
        var text = peer == null ? "" : Peers.text(peer);
        return text.isEmpty() ? "stream client" : text;
    }

    /// Comes also where the task was cancelled before its first step, so that no handler ran.
    private void ended(Task<?> task) {
        var transport = connection.transport();
        if (task.isCancelled() && connection.isWritingPaused()) {
            transport.abort(); // the peer does not read, and nobody waits for it any more
        } else {
            transport.close();
        }
        var failure = task.isCancelled() ? null : task.exception();
        if (failure != null && !isOwnDoing(failure)) {
            loop.callExceptionHandler(
                    LoopException.of(
                                    "the handler of stream connection " + name() + " failed",
                                    failure)
                            .with("transport", transport)
                            .with("task", task));
        }
    }
}
