package dev.jloop.core.spi;

import dev.jloop.core.engine.JvmFlags;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Waits with Linux's `epoll`, and reads and writes sockets, without the JDK's selector and the
/// locks of its channels: an optional fast path. The channels are the JDK's all the same, and so is
/// what a loop does with them.
///
/// `-Djloop.poller=epoll` chooses it for all loops that are given no poller, and
/// `builder().poller(EpollPoller.open())` for one. It needs Linux on a 64-bit Intel, AMD or ARM
/// processor, a loop whose coroutines are on the engine `mounted`, and the flag `--add-exports
/// java.base/sun.nio.ch=ALL-UNNAMED`, as the JDK does not publish the descriptors of its channels.
/// Without `--enable-native-access=ALL-UNNAMED` the JVM warns. Where jloop is on the module path,
/// both name `dev.jloop.core` in place of `ALL-UNNAMED`.
///
/// One poll tells of as many channels as that of a [SelectorPoller], and a wait is rounded up to
/// whole milliseconds. A channel that is closed without [#forget(SelectableChannel)] is let go of
/// while others are registered.
///
/// @since 0.1
public final class EpollPoller implements Poller {
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int NO_LIMIT = -1;

    /// Of one wait; the next finds the others.
    private static final int MOST_EVENTS = 512;

    private static final int CONTROL_ADD = 1;
    private static final int CONTROL_DELETE = 2;
    private static final int CONTROL_MODIFY = 3;

    private static final int INPUT = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
    private static final int OUTPUT = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;

    /// How many of the watched are looked at for each that is registered, whether they are closed.
    private static final int LOOKED_AT_FOR_EACH = 2;

    private static final int FEWEST_PLACES = 64;

    /// A channel that is watched. When it was closed another one may get its descriptor.
    private static final class Watched {
        final SelectableChannel channel;
        final Listener listener;
        final int descriptor;

        /// Tells its events from those of an earlier one with its descriptor.
        final int number;

        int interest;

        /// What epoll watches; zero where it does not know the channel.
        int asked;

        boolean changed;

        Watched(SelectableChannel channel, Listener listener, int descriptor, int number) {
            this.channel = channel;
            this.listener = listener;
            this.descriptor = descriptor;
            this.number = number;
        }

        /// {@return what epoll has to watch}
        int wanted() {
            return ((interest & INPUT) != 0 ? EpollEvents.IN : 0)
                    | ((interest & OUTPUT) != 0 ? EpollEvents.OUT : 0);
        }

        /// {@return which of the operations of interest are ready} An error or an end that epoll
        /// tells of though nobody has asked concerns all of them.
        int ready(int what) {
            if ((what & ~(EpollEvents.IN | EpollEvents.OUT)) != 0) {
                return interest;
            }
            return ((what & EpollEvents.IN) != 0 ? interest & INPUT : 0)
                    | ((what & EpollEvents.OUT) != 0 ? interest & OUTPUT : 0);
        }
    }

    /// Left to the garbage collector, so that no call comes too late for it.
    private final Arena memory = Arena.ofAuto();

    private final LinuxCalls calls = new LinuxCalls(memory);
    private final EpollEvents events = new EpollEvents(memory, MOST_EVENTS);

    /// For one call that says what to watch.
    private final EpollEvents request = new EpollEvents(memory, 1);

    private final int epoll;
    private final Alarm alarm;

    /// By descriptor.
    private @Nullable Watched[] watched = new @Nullable Watched[FEWEST_PLACES];

    /// Whose interest epoll does not know yet.
    private final List<Watched> changed = new ArrayList<>();

    private int registrations;

    /// The place in `watched` where the next look for closed channels begins.
    private int lookAt;

    /// How many events the last wait has found, and how many of them were taken.
    private int found;

    private int taken;

    /// What this poll has told of.
    private final Portion told = new Portion();

    /// Whether this poll has taken a wake-up.
    private boolean rung;

    private boolean closed;

    private EpollPoller() throws IOException {
        epoll = calls.epoll();
        var complete = false;
        try {
            alarm = new Alarm(memory);
            request.set(0, EpollEvents.IN, alarm.descriptor(), 0);
            if (!control(CONTROL_ADD, alarm.descriptor())) {
                alarm.close();
                throw new IOException(calls.errorText());
            }
            complete = true;
        } finally {
            if (!complete) {
                calls.close(epoll);
            }
        }
    }

    /// {@return a poller on a new epoll instance}
    ///
    /// @throws IllegalStateException if this system is not Linux on one of the processors named
    ///   above, or the JVM lacks a flag, which the message names
    /// @throws UncheckedIOException if the operating system gives no epoll instance
    public static EpollPoller open() {
        checkSystem(System.getProperty("os.name"), System.getProperty("os.arch"));
        if (!ChannelDescriptors.areExported()) {
            throw unavailable(
                    "the JDK does not tell the descriptors of its channels; start java with "
                            + ChannelDescriptors.exportFlag());
        }
        try {
            return new EpollPoller();
        } catch (LinkageError denied) {
            throw unavailable(
                    "the JVM lets jloop make no system calls ("
                            + (denied.getCause() == null ? denied : denied.getCause())
                            + "); start java with --enable-native-access="
                            + JvmFlags.moduleName());
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot open epoll for an event loop", failure);
        }
    }

    static void checkSystem(String system, String processor) {
        if (!system.equals("Linux") || !Set.of("amd64", "aarch64").contains(processor)) {
            throw unavailable(
                    "this is "
                            + system
                            + " on "
                            + processor
                            + ", and not Linux on amd64 or aarch64");
        }
    }

    private static IllegalStateException unavailable(String why) {
        return new IllegalStateException(
                "the poller 'epoll' was asked for, but "
                        + why
                        + "; or use the one of the JDK, which -Djloop.poller=selector names");
    }

    // ---- what is watched

    @Override
    public void register(SelectableChannel channel, Listener listener) throws IOException {
        checkOpen();
        if (!ChannelDescriptors.has(channel)) {
            throw new IllegalSelectorException();
        }
        if (channel.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        dropClosed();
        var descriptor = ChannelDescriptors.of(channel);
        if (descriptor >= watched.length) {
            watched = Arrays.copyOf(watched, Math.max(descriptor + 1, watched.length * 2));
        }
        watched[descriptor] = new Watched(channel, listener, descriptor, ++registrations);
    }

    private void dropClosed() {
        for (var i = 0; i < LOOKED_AT_FOR_EACH; i++) {
            var each = watched[lookAt];
            if (each != null && !each.channel.isOpen()) {
                watched[lookAt] = null;
            }
            lookAt = (lookAt + 1) % watched.length;
        }
    }

    private @Nullable Watched watchedOf(SelectableChannel channel) {
        if (!ChannelDescriptors.has(channel)) {
            return null;
        }
        var known = at(ChannelDescriptors.of(channel));
        return known != null && known.channel == channel ? known : null;
    }

    private @Nullable Watched at(int descriptor) {
        return descriptor < watched.length ? watched[descriptor] : null;
    }

    @Override
    public @Nullable Listener listener(SelectableChannel channel) {
        var known = watchedOf(channel);
        return known == null || !channel.isOpen() ? null : known.listener;
    }

    @Override
    public void setInterest(SelectableChannel channel, int operations) {
        var known = watchedOf(channel);
        if (known != null) {
            known.interest = operations;
            if (!known.changed) {
                known.changed = true;
                changed.add(known);
            }
        }
    }

    @Override
    public void forget(SelectableChannel channel) {
        var known = watchedOf(channel);
        if (known != null) {
            watched[known.descriptor] = null;
            known.interest = 0;
            if (known.asked != 0 && channel.isOpen() && !closed) {
                known.asked = 0;
                control(CONTROL_DELETE, known.descriptor);
            }
        }
    }

    @Override
    public @Nullable DirectSocket directSocket(SocketChannel channel) {
        var known = watchedOf(channel);
        return known == null ? null : new EpollSocket(calls, channel, known.descriptor);
    }

    // ---- waiting

    @Override
    public int poll(long timeoutNanos) throws IOException {
        checkOpen();
        rung = false;
        told.begin(timeoutNanos > 0);
        tell();
        if (told.channels() == 0) {
            applyChanges();
            // What was taken with an earlier wake-up may have been a later one.
            await(rung ? 0 : timeoutNanos);
            tell();
        }
        // A set interrupt flag would make every later wait return at once.
        Thread.interrupted();
        return told.channels();
    }

    private void checkOpen() {
        if (closed) {
            throw new ClosedSelectorException();
        }
    }

    private void applyChanges() throws IOException {
        for (var each : changed) {
            each.changed = false;
            if (isWatched(each)) {
                apply(each);
            }
        }
        changed.clear();
    }

    private boolean isWatched(Watched each) {
        return watched[each.descriptor] == each && each.channel.isOpen();
    }

    private void apply(Watched each) throws IOException {
        var wanted = each.wanted();
        if (wanted != each.asked) {
            ask(each, wanted);
            each.asked = wanted;
        }
    }

    private void ask(Watched each, int wanted) throws IOException {
        request.set(0, wanted, each.descriptor, each.number);
        var operation =
                each.asked == 0 ? CONTROL_ADD : wanted == 0 ? CONTROL_DELETE : CONTROL_MODIFY;
        var done =
                control(operation, each.descriptor)
                        || (calls.error() == LinuxCalls.EEXIST
                                && control(CONTROL_MODIFY, each.descriptor));
        if (!done && each.channel.isOpen()) { // and not closed by another thread meanwhile
            throw new IOException("cannot watch " + each.channel + ": " + calls.errorText());
        }
    }

    private boolean control(int operation, int descriptor) {
        return calls.control(epoll, operation, descriptor, request.memory()) == 0;
    }

    private void await(long timeoutNanos) throws IOException {
        taken = 0;
        found = 0;
        if (timeoutNanos == 0) {
            found = find(0);
            return;
        }
        alarm.beginWait();
        try {
            // Rounded up, because a timer may come late but never early.
            var millis = Math.min(Math.ceilDiv(timeoutNanos, NANOS_PER_MILLI), Integer.MAX_VALUE);
            found = find(timeoutNanos == Long.MAX_VALUE ? NO_LIMIT : (int) millis);
        } finally {
            alarm.endWait();
        }
    }

    private int find(int timeoutMillis) throws IOException {
        var count = calls.await(epoll, events.memory(), events.count(), timeoutMillis);
        if (count < 0 && calls.error() != LinuxCalls.EINTR) {
            throw new IOException("epoll_wait: " + calls.errorText());
        }
        return Math.max(count, 0);
    }

    private void tell() {
        while (taken < found && !told.isFull()) {
            tell(taken++);
        }
    }

    private void tell(int index) {
        var descriptor = events.descriptor(index);
        if (descriptor == alarm.descriptor()) {
            alarm.reset();
            rung = true;
            return;
        }
        var known = at(descriptor);
        if (known == null || !known.channel.isOpen() || known.asked == 0) {
            // Somebody closed the channel just when epoll was asked to watch it, and another has
            // got the descriptor.
            control(CONTROL_DELETE, descriptor);
            return;
        }
        var operations = known.number == events.number(index) ? known.ready(events.what(index)) : 0;
        if (operations != 0) {
            told.tell(known.listener, operations);
        }
    }

    @Override
    public void wakeup() {
        alarm.wakeup();
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            alarm.close();
            calls.close(epoll);
        }
    }
}
