package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;

/// A callback that runs each time something is ready, until it is stopped. One object serves for
/// all runs, so that readiness costs no allocation.
final class RepeatedCallback implements Runnable {
    private final SelectorEventLoop loop;
    private final Context context;
    private final String role;
    private final SelectableChannel channel;
    private @Nullable Runnable callback;

    RepeatedCallback(
            SelectorEventLoop loop, Runnable callback, String role, SelectableChannel channel) {
        this.loop = loop;
        this.context = loop.withMdc(Context.copyCurrent());
        this.callback = callback;
        this.role = role;
        this.channel = channel;
    }

    @Override
    public void run() {
        var current = callback;
        if (current != null) {
            loop.execution().run(current, context, this);
        }
    }

    void stop() {
        callback = null;
    }

    /// The JDK's own text for a listening channel lacks the address.
    @Override
    public String toString() {
        return role
                + " of "
                + (channel instanceof ServerSocketChannel listener ? listening(listener) : channel);
    }

    private static String listening(NetworkChannel listener) {
        try {
            return "listening channel " + listener.getLocalAddress();
        } catch (IOException _) {
            return "closed listening channel"; // which is all there is to say
        }
    }
}
