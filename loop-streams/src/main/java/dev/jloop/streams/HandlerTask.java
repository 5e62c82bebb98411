package dev.jloop.streams;

import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.transports.Key;

/// Runs a handler for one connection of a server, in a task that is named after the peer.
final class HandlerTask {
    private final EventLoop loop;
    private final StreamHandler handler;
    private final StreamProtocol connection;

    private HandlerTask(EventLoop loop, StreamHandler handler, StreamProtocol connection) {
        this.loop = loop;
        this.handler = handler;
        this.connection = connection;
    }

    static void start(EventLoop loop, StreamHandler handler, StreamProtocol connection) {
        var body = new HandlerTask(loop, handler, connection);
        var started = false;
        try {
            var task = loop.createTask(body::run, body.name());
            // A task that is cancelled before its first step never runs its body.
            task.addDoneCallback(_ -> connection.transport().close());
            started = true;
        } finally {
            if (!started) {
                connection.transport().abort(); // a task factory failed
            }
        }
    }

    private String name() {
        var peer = connection.transport().extra(Key.PEER_ADDRESS);
        var text = peer == null ? "" : Peers.text(peer);
        return text.isEmpty() ? "stream client" : text;
    }

    private void run() {
        try {
            handler.handle(connection.reader(), connection.writer());
        } catch (CancelledError cancelled) {
            throw cancelled;
        } catch (Throwable failure) {
            if (failure instanceof VirtualMachineError error
                    && !(error instanceof StackOverflowError)) {
                throw error;
            }
            report(failure);
        } finally {
            connection.transport().close();
        }
    }

    private void report(Throwable failure) {
        var report =
                LoopException.of("the handler of stream connection " + name() + " failed", failure)
                        .with("transport", connection.transport());
        var task = loop.currentTask();
        loop.callExceptionHandler(task == null ? report : report.with("task", task));
    }
}
