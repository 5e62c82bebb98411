package dev.jloop.testkit;

import java.time.Duration;

/// What a [PacketRule] says about a packet.
///
/// @since 0.1
public sealed interface Verdict {
    /// {@return no opinion: the next rule is asked}
    static Verdict undecided() {
        return Undecided.ONLY;
    }

    /// {@return the verdict that ends the chain: no further rule is asked, and the packet travels
    /// as the settings of the network say, with their latency, loss and so on}
    static Verdict pass() {
        return Pass.ONLY;
    }

    /// {@return the verdict that the packet arrives after exactly this time} No setting of the
    /// network adds to it, loses the packet or repeats it. What was sent later may arrive earlier;
    /// within a stream it then waits for its turn, so that a stream keeps its order.
    ///
    /// @param delay zero or more
    /// @throws IllegalArgumentException if it is negative, or more than a hundred years
    static Verdict deliverAfter(Duration delay) {
        return new DeliverAfter(delay);
    }

    /// {@return the verdict that this packet does not arrive} What that means for a stream is told
    /// at [PacketRule].
    static Verdict drop() {
        return Drop.ONLY;
    }

    /// See [#undecided()].
    enum Undecided implements Verdict {
        /// The one of its kind.
        ONLY
    }

    /// See [#pass()].
    enum Pass implements Verdict {
        /// The one of its kind.
        ONLY
    }

    /// See [#deliverAfter(Duration)].
    ///
    /// @param delay zero or more
    record DeliverAfter(Duration delay) implements Verdict {
        /// Checks the delay.
        public DeliverAfter {
            Qualities.checked("delay", delay);
        }
    }

    /// See [#drop()].
    enum Drop implements Verdict {
        /// The one of its kind.
        ONLY
    }
}
