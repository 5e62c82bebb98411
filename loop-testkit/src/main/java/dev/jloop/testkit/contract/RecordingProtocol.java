package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// A protocol for tests: it notes every call of its transport and every byte, and coroutines can
/// wait for them.
///
/// ```java
/// var client = new RecordingProtocol();
/// Net.createConnection(() -> client, "localhost", 8080);
/// client.transport().write("ping\n".getBytes(US_ASCII));
/// client.awaitText("pong\n");
/// client.transport().close();
/// client.awaitLost();
/// client.checkOrder();
/// ```
///
/// What is waited for and can no longer come fails at once, with an [AssertionError] that tells
/// what has come instead.
///
/// **Threading:** loop thread only; the methods named `await` in coroutines only. Once the loop is
/// closed, any one thread may look at it.
///
/// @since 0.1
public final class RecordingProtocol implements StreamingProtocol {
    /// A call of the transport.
    ///
    /// @since 0.1
    public enum Event {
        /// `connectionMade`.
        MADE,
        /// `dataReceived`, once or several times without another event between them.
        DATA,
        /// `eofReceived`.
        EOF,
        /// `pauseWriting`.
        PAUSE,
        /// `resumeWriting`.
        RESUME,
        /// `connectionLost` without a cause: a regular end, or one by this side.
        LOST,
        /// `connectionLost` with a cause.
        BROKEN
    }

    private static final int MOST_TEXT_SHOWN = 200;

    private final List<Event> events = new ArrayList<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final List<LoopFuture<@Nullable Void>> watchers = new ArrayList<>();
    private @Nullable Transport transport;
    private @Nullable Throwable lossCause;
    private Consumer<? super Transport> whenMade = _ -> {};
    private Consumer<? super ByteBuf> whenData = _ -> {};
    private Runnable whenResumed = () -> {};
    private boolean keepsOpen;

    /// Creates a protocol without a connection.
    public RecordingProtocol() {}

    // ---- what it does beside recording

    /// Runs something in `connectionMade`, after it was noted. What it throws, the transport gets.
    ///
    /// @param action takes the transport; takes the place of an earlier one
    /// @return this
    public RecordingProtocol onMade(Consumer<? super Transport> action) {
        whenMade = Objects.requireNonNull(action, "action");
        return this;
    }

    /// Runs something in each `dataReceived`, after it was noted. What it throws, the transport
    /// gets.
    ///
    /// @param action takes the borrowed buffer, of which nothing was read; takes the place of an
    ///   earlier one
    /// @return this
    public RecordingProtocol onData(Consumer<? super ByteBuf> action) {
        whenData = Objects.requireNonNull(action, "action");
        return this;
    }

    /// Runs something in each `resumeWriting`, after it was noted. What it throws, the transport
    /// gets.
    ///
    /// @param action takes the place of an earlier one
    /// @return this
    public RecordingProtocol onResume(Runnable action) {
        whenResumed = Objects.requireNonNull(action, "action");
        return this;
    }

    /// Lets `eofReceived` return true from now on, so that this side can write on after the peer's
    /// end of stream.
    ///
    /// @return this
    public RecordingProtocol keepOpen() {
        keepsOpen = true;
        return this;
    }

    // ---- what the transport calls

    @Override
    public void connectionMade(Transport made) {
        transport = made;
        note(Event.MADE);
        whenMade.accept(made);
    }

    @Override
    public void dataReceived(ByteBuf data) {
        var bytes = new byte[data.readableBytes()];
        data.getBytes(data.readerIndex(), bytes);
        received.writeBytes(bytes);
        if (events.isEmpty() || events.getLast() != Event.DATA) {
            events.add(Event.DATA);
        }
        wake();
        whenData.accept(data);
    }

    @Override
    public boolean eofReceived() {
        note(Event.EOF);
        return keepsOpen;
    }

    @Override
    public void connectionLost(@Nullable Throwable cause) {
        lossCause = cause;
        note(cause == null ? Event.LOST : Event.BROKEN);
    }

    @Override
    public void pauseWriting() {
        note(Event.PAUSE);
    }

    @Override
    public void resumeWriting() {
        note(Event.RESUME);
        whenResumed.run();
    }

    private void note(Event event) {
        events.add(event);
        wake();
    }

    private void wake() {
        for (var watcher : watchers) {
            if (!watcher.isDone()) {
                watcher.setResult(null);
            }
        }
        watchers.clear();
    }

    // ---- what it has recorded

    /// {@return the transport that `connectionMade` was called with}
    ///
    /// @throws IllegalStateException if it was not called yet
    public Transport transport() {
        if (transport == null) {
            throw new IllegalStateException(
                    "no transport has called connectionMade; await(Event.MADE) waits for that");
        }
        return transport;
    }

    /// {@return the events so far, in their order; several calls of `dataReceived` in a row are
    /// one}
    public List<Event> events() {
        return List.copyOf(events);
    }

    /// {@return whether an event has come}
    ///
    /// @param event which one
    public boolean has(Event event) {
        return events.contains(event);
    }

    /// {@return whether the connection has ended, in whatever way}
    public boolean isLost() {
        return has(Event.LOST) || has(Event.BROKEN);
    }

    /// {@return what `connectionLost` was called with: null for a regular end, and before it}
    public @Nullable Throwable lossCause() {
        return lossCause;
    }

    /// {@return all bytes received so far}
    public byte[] received() {
        return received.toByteArray();
    }

    /// {@return how many bytes were received so far}
    public int receivedCount() {
        return received.size();
    }

    /// {@return all bytes received so far, as US-ASCII}
    public String text() {
        return received.toString(StandardCharsets.US_ASCII);
    }

    /// Checks that the events came in the order that [dev.jloop.transports.Protocol] promises:
    /// `connectionMade` first and once, `eofReceived` at most once and no data after it, pausing
    /// and resuming in turns, `connectionLost` once at most and nothing after it.
    ///
    /// A protocol that has taken over by `setProtocol` may lack `connectionMade`.
    ///
    /// @throws AssertionError if they did not; it names the event and what came before it
    public void checkOrder() {
        var seen = new ArrayList<Event>();
        for (var event : events) {
            var wrong = wrongAfter(seen, event);
            if (wrong != null) {
                throw new AssertionError(wrong + ": " + event + " came after " + seen);
            }
            seen.add(event);
        }
    }

    private static @Nullable String wrongAfter(List<Event> before, Event event) {
        if (before.contains(Event.LOST) || before.contains(Event.BROKEN)) {
            return "nothing may be called after connectionLost";
        }
        return switch (event) {
            case MADE -> before.isEmpty() ? null : "connectionMade must be called first, and once";
            case DATA -> before.contains(Event.EOF) ? "no data may come after eofReceived" : null;
            case EOF -> before.contains(Event.EOF) ? "eofReceived must be called once" : null;
            case PAUSE ->
                    lastOfFlow(before) == Event.PAUSE
                            ? "pauseWriting was called while writing was paused"
                            : null;
            case RESUME ->
                    lastOfFlow(before) == Event.PAUSE
                            ? null
                            : "resumeWriting was called while writing was not paused";
            case LOST, BROKEN -> null;
        };
    }

    private static @Nullable Event lastOfFlow(List<Event> events) {
        return events.reversed().stream()
                .filter(event -> event == Event.PAUSE || event == Event.RESUME)
                .findFirst()
                .orElse(null);
    }

    // ---- waiting

    /// Suspends until an event has come; returns at once if it has.
    ///
    /// @param event which one
    /// @throws AssertionError if the connection has ended without it
    public void await(Event event) {
        awaitUntil(event + " of the transport", () -> has(event));
    }

    /// Suspends until the connection has ended, in whatever way.
    public void awaitLost() {
        awaitUntil("the end of the connection", this::isLost);
    }

    /// Suspends until at least so many bytes were received.
    ///
    /// @param count how many, counted from the start of the connection
    /// @throws AssertionError if the connection has ended with fewer
    public void awaitBytes(int count) {
        awaitUntil(count + " bytes", () -> received.size() >= count);
    }

    /// Suspends until exactly a text was received since the start of the connection.
    ///
    /// @param expected the text, in US-ASCII
    /// @throws AssertionError if something else came, or the connection has ended before
    public void awaitText(String expected) {
        awaitUntil(
                "the text '" + expected + "'",
                () -> {
                    var text = text();
                    if (!expected.startsWith(text)) {
                        throw new AssertionError(
                                "waited for the text '"
                                        + expected
                                        + "', and there came '"
                                        + text
                                        + "'");
                    }
                    return text.equals(expected);
                });
    }

    private void awaitUntil(String what, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (isLost()) {
                throw new AssertionError(
                        "waited for " + what + ", and the connection ended before: " + this,
                        lossCause);
            }
            LoopFuture<@Nullable Void> changed = EventLoop.current().createFuture(what);
            watchers.add(changed);
            changed.await();
        }
    }

    @Override
    public String toString() {
        var text = text();
        return "RecordingProtocol"
                + events
                + ", received "
                + received.size()
                + " bytes: "
                + (text.length() <= MOST_TEXT_SHOWN
                        ? text
                        : text.substring(0, MOST_TEXT_SHOWN) + " ...")
                + (lossCause == null ? "" : ", lost by " + lossCause);
    }
}
