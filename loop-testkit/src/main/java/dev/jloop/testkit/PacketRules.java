package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The rules of a network, in their order.
final class PacketRules {
    private final EventLoop loop;
    private final List<Entry> entries = new ArrayList<>();

    PacketRules(EventLoop loop) {
        this.loop = loop;
    }

    /// Tells the same rule, added twice, apart.
    private final class Entry implements PacketRule.Handle {
        private final PacketRule rule;

        Entry(PacketRule rule) {
            this.rule = rule;
        }

        @Override
        public void close() {
            entries.remove(this);
        }
    }

    PacketRule.Handle add(PacketRule rule) {
        var entry = new Entry(rule);
        entries.add(entry);
        return entry;
    }

    /// {@return the first verdict there is, else undecided}
    Verdict judge(Packet packet) {
        if (entries.isEmpty() || packet.isOfUnixSocket()) {
            return Verdict.undecided();
        }
        for (var entry : List.copyOf(entries)) {
            var verdict = ask(entry.rule, packet);
            if (!(verdict instanceof Verdict.Undecided)) {
                return verdict;
            }
        }
        return Verdict.undecided();
    }

    private Verdict ask(PacketRule rule, Packet packet) {
        try {
            return Objects.requireNonNull(
                    rule.judge(packet), "a packet rule gave null; it may give Verdict.undecided()");
        } catch (RuntimeException | AssertionError broken) {
            loop.callExceptionHandler(
                    LoopException.of("a packet rule has failed on " + packet, broken));
            return Verdict.undecided();
        }
    }
}
