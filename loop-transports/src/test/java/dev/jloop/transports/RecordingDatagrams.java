package dev.jloop.transports;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Notes every event of an endpoint, and lets a coroutine wait for them.
final class RecordingDatagrams implements DatagramProtocol {
    final List<String> events = new ArrayList<>();
    final List<String> received = new ArrayList<>();
    final List<SocketAddress> senders = new ArrayList<>();
    final List<IOException> errors = new ArrayList<>();
    private final Changes changes = new Changes();
    DatagramTransport transport;
    Throwable lossCause;
    Consumer<DatagramTransport> onMade = _ -> {};
    BiConsumer<ByteBuf, SocketAddress> onData = (_, _) -> {};
    Consumer<IOException> onError = _ -> {};
    Runnable onPause = () -> {};
    Runnable onResume = () -> {};
    Runnable onLost = () -> {};

    @Override
    public void connectionMade(DatagramTransport made) {
        transport = made;
        note("made");
        onMade.accept(made);
    }

    @Override
    public void datagramReceived(ByteBuf data, SocketAddress sender) {
        received.add(data.toString(US_ASCII));
        senders.add(sender);
        if (!events.getLast().equals("data")) {
            events.add("data");
        }
        changes.happened();
        onData.accept(data, sender);
    }

    @Override
    public void errorReceived(IOException error) {
        errors.add(error);
        note("error");
        onError.accept(error);
    }

    @Override
    public void connectionLost(Throwable cause) {
        lossCause = cause;
        note(cause == null ? "lost" : "broken");
        onLost.run();
    }

    @Override
    public void pauseWriting() {
        note("pause");
        onPause.run();
    }

    @Override
    public void resumeWriting() {
        note("resume");
        onResume.run();
    }

    private void note(String event) {
        events.add(event);
        changes.happened();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) transport.extra(Key.LOCAL_ADDRESS);
    }

    /// Suspends until an event has come.
    void await(String event) {
        changes.awaitUntil(() -> events.contains(event));
    }

    void awaitLost() {
        changes.awaitUntil(() -> events.contains("lost") || events.contains("broken"));
    }

    void awaitCount(int count) {
        changes.awaitUntil(() -> received.size() >= count);
    }

    void awaitErrors(int count) {
        changes.awaitUntil(() -> errors.size() >= count);
    }
}
