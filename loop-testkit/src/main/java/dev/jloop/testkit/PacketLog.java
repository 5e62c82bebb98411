package dev.jloop.testkit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Tells the listeners what happens, and remembers the last of it.
final class PacketLog {
    private static final int REMEMBERED = 100;

    /// @param what happened; a packet, or the name of a host
    private record Entry(long nanos, String what, Object whom) {}

    private final VirtualTimeLoop loop;
    private final ArrayDeque<Entry> last = new ArrayDeque<>();
    private final List<PacketListener> listeners = new ArrayList<>();

    PacketLog(VirtualTimeLoop loop) {
        this.loop = loop;
    }

    Runnable add(PacketListener listener) {
        listeners.add(listener);
        return () -> listeners.removeIf(each -> each == listener);
    }

    void sent(Packet packet) {
        tell("sent", packet, each -> each.sent(packet));
    }

    void delivered(Packet packet) {
        tell("delivered", packet, each -> each.delivered(packet));
    }

    void delayed(Packet packet, String why) {
        tell("delayed (" + why + ")", packet, each -> each.delayed(packet, why));
    }

    void dropped(Packet packet, String why) {
        tell("dropped (" + why + ")", packet, each -> each.dropped(packet, why));
    }

    void hostCrashed(String host) {
        tell("crashed", host, each -> each.hostCrashed(host));
    }

    void hostRestarted(String host) {
        tell("restarted", host, each -> each.hostRestarted(host));
    }

    private void tell(String what, Object whom, Consumer<PacketListener> call) {
        if (last.size() == REMEMBERED) {
            last.remove();
        }
        last.add(new Entry(loop.time(), what, whom));
        List.copyOf(listeners).forEach(call);
    }

    List<String> lines() {
        return last.stream()
                .map(entry -> Duration.ofNanos(entry.nanos) + " " + entry.what + " " + entry.whom)
                .toList();
    }
}
