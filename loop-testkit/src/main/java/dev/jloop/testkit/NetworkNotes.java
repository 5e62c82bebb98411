package dev.jloop.testkit;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// Tells what happens in a simulated network to the trace of its loop, and to the recorder, where a
/// test has one.
final class NetworkNotes implements PacketListener {
    private final VirtualTimeLoop loop;

    private static final int MOST_DATAGRAMS = 10_000;

    /// When each packet under way was sent, in nanoseconds; for the recorder.
    private final Map<Long, Long> sentNanos = new HashMap<>();

    /// The same for datagrams. More copies of them may come, so the last ones are kept.
    private final Map<Long, Long> sentDatagramNanos =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
                    return size() > MOST_DATAGRAMS;
                }
            };

    NetworkNotes(VirtualTimeLoop loop) {
        this.loop = loop;
    }

    @Override
    public void sent(Packet packet) {
        loop.trace().note("sent", packet.toString());
        if (loop.recorderOrNull() != null) {
            var sent = packet.isOfStream() ? sentNanos : sentDatagramNanos;
            sent.put(packet.number(), loop.time());
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
        var sent =
                packet.isOfStream()
                        ? sentNanos.remove(packet.number())
                        : sentDatagramNanos.get(packet.number());
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
            recorder.note(host, kind, host);
        }
    }
}
