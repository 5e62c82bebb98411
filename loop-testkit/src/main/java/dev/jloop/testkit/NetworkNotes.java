package dev.jloop.testkit;

import java.util.HashMap;
import java.util.Map;

/// Tells what happens in a simulated network to the trace of its loop, and to the recorder, where a
/// test has one.
final class NetworkNotes implements PacketListener {
    private final VirtualTimeLoop loop;

    /// When each packet under way was sent, in nanoseconds; for the recorder.
    private final Map<Long, Long> sentNanos = new HashMap<>();

    NetworkNotes(VirtualTimeLoop loop) {
        this.loop = loop;
    }

    @Override
    public void sent(Packet packet) {
        loop.trace().note("sent", packet.toString());
        if (loop.recorderOrNull() != null) {
            sentNanos.put(packet.number(), loop.time());
        }
    }

    @Override
    public void delivered(Packet packet) {
        loop.trace().note("delivered", packet.toString());
        var recorder = loop.recorderOrNull();
        if (recorder != null) {
            recorder.message(
                    packet.fromHost(),
                    packet.toHost(),
                    whenSent(packet),
                    loop.time(),
                    text(packet));
        }
    }

    @Override
    public void delayed(Packet packet, String why) {
        loop.trace().note("delayed", packet + ": " + why);
    }

    @Override
    public void dropped(Packet packet, String why) {
        loop.trace().note("dropped", packet + ": " + why);
        var recorder = loop.recorderOrNull();
        if (recorder != null) {
            recorder.lostMessage(
                    packet.fromHost(),
                    packet.toHost(),
                    whenSent(packet),
                    text(packet) + ": " + why);
        }
    }

    /// A packet that was sent before there was a recorder counts as sent now.
    private long whenSent(Packet packet) {
        var sent = sentNanos.remove(packet.number());
        return sent == null ? loop.time() : sent;
    }

    private static String text(Packet packet) {
        return packet.kind() + (packet.size() > 0 ? " " + packet.size() : "");
    }

    @Override
    public void hostCrashed(String host) {
        loop.trace().note("crash", host);
        note("crash", host);
    }

    @Override
    public void hostRestarted(String host) {
        loop.trace().note("restart", host);
        note("restart", host);
    }

    private void note(String kind, String host) {
        var recorder = loop.recorderOrNull();
        if (recorder != null) {
            recorder.note(kind, host);
        }
    }
}
