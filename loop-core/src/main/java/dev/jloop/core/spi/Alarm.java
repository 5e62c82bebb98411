package dev.jloop.core.spi;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/// Ends the wait of an [EpollPoller]: when another thread says so, and when the waiting thread is
/// interrupted. Of the latter the JDK tells selectors alone, so this is one, of no channels.
final class Alarm extends AbstractSelector {
    /// Its own, as any thread may knock.
    private final LinuxCalls calls;

    private final int descriptor;
    private boolean closed;

    Alarm(Arena memory) throws IOException {
        super(null);
        calls = new LinuxCalls(memory);
        descriptor = calls.eventDescriptor();
    }

    /// {@return what becomes readable with a wake-up}
    int descriptor() {
        return descriptor;
    }

    /// From here on an interrupt is a wake-up, one that came before included.
    void beginWait() {
        begin();
    }

    /// To be called in any case.
    void endWait() {
        end();
    }

    /// The lock keeps a late call off a descriptor that was closed, and may be a file's by now.
    @Override
    public synchronized Selector wakeup() {
        if (!closed) {
            calls.increment(descriptor);
        }
        return this;
    }

    /// Forgets all wake-ups so far.
    synchronized void reset() {
        calls.reset(descriptor);
    }

    @Override
    protected synchronized void implCloseSelector() {
        closed = true;
        calls.close(descriptor);
    }

    // ---- what a selector of no channels is never asked for

    @Override
    protected SelectionKey register(
            AbstractSelectableChannel channel, int operations, Object attachment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> keys() {
        return Set.of();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return Set.of();
    }

    @Override
    public int selectNow() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select() {
        throw new UnsupportedOperationException();
    }
}
