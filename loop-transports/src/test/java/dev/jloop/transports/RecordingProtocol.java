package dev.jloop.transports;

import io.netty.buffer.ByteBuf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Notes every event, and lets a coroutine wait for them.
final class RecordingProtocol implements StreamingProtocol {
    final List<String> events = new ArrayList<>();
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final Changes changes = new Changes();
    Transport transport;
    Throwable lossCause;
    Consumer<Transport> onConnected = _ -> {};
    Consumer<ByteBuf> onData = _ -> {};
    Runnable onResume = () -> {};
    boolean keepOpen;

    @Override
    public void connectionMade(Transport made) {
        transport = made;
        note("made");
        onConnected.accept(made);
    }

    @Override
    public void dataReceived(ByteBuf data) {
        var bytes = new byte[data.readableBytes()];
        data.getBytes(data.readerIndex(), bytes);
        received.writeBytes(bytes);
        if (!lastEventIs("data")) {
            events.add("data");
        }
        changes.happened();
        onData.accept(data);
    }

    @Override
    public boolean eofReceived() {
        note("eof");
        return keepOpen;
    }

    @Override
    public void connectionLost(Throwable cause) {
        lossCause = cause;
        note(cause == null ? "lost" : "broken");
    }

    @Override
    public void pauseWriting() {
        note("pause");
    }

    @Override
    public void resumeWriting() {
        note("resume");
        onResume.run();
    }

    private boolean lastEventIs(String event) {
        return !events.isEmpty() && events.getLast().equals(event);
    }

    private void note(String event) {
        events.add(event);
        changes.happened();
    }

    String text() {
        return received.toString(StandardCharsets.US_ASCII);
    }

    /// Suspends until an event has come.
    void await(String event) {
        awaitUntil(() -> events.contains(event));
    }

    void awaitLost() {
        awaitUntil(() -> events.contains("lost") || events.contains("broken"));
    }

    void awaitText(String expected) {
        awaitUntil(() -> text().equals(expected));
    }

    void awaitBytes(int count) {
        awaitUntil(() -> received.size() >= count);
    }

    private void awaitUntil(BooleanSupplier condition) {
        changes.awaitUntil(condition);
    }
}
