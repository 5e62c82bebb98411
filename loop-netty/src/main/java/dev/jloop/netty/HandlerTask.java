package dev.jloop.netty;

import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.Task;

import java.io.IOException;

/// Runs a handler for one connection of a server, in a task that is named after the peer.
final class HandlerTask {
    private final EventLoop loop;
    private final NettyConnection connection;

    private HandlerTask(EventLoop loop, NettyConnection connection) {
        this.loop = loop;
        this.connection = connection;
    }

    static Task<?> start(EventLoop loop, NettyHandler handler, NettyConnection connection) {
        var handling = new HandlerTask(loop, connection);
        AsyncRunnable body = () -> handler.handle(connection);
        var task = loop.createTask(body, handling.name());
        task.addDoneCallback(_ -> handling.ended(task));
        return task;
    }

    private String name() {
        var peer = connection.peer();
        return peer.isEmpty() ? "netty client" : peer;
    }

    /// Comes also where the task was cancelled before its first step, so that no handler ran.
    private void ended(Task<?> task) {
        connection.end(task.isCancelled());
        var failure = task.isCancelled() ? null : task.exception();
        if (failure != null && !isOwnDoing(failure)) {
            loop.callExceptionHandler(
                    LoopException.of(
                                    "the handler of netty connection " + name() + " failed",
                                    failure)
                            .with("channel", connection.channel())
                            .with("task", task));
        }
    }

    /// Whether the handler failed because this side has cut its connection, as a server does that
    /// is shut down: whoever did it knows.
    private boolean isOwnDoing(Throwable failure) {
        return failure instanceof IOException && connection.isAborted();
    }
}
