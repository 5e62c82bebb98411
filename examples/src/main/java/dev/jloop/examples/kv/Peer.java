package dev.jloop.examples.kv;

/// What a node knows of another one.
final class Peer {
    final NodeAddress address;
    final Exchange exchange;

    /// The last term in which it was asked for its vote, and has answered.
    long askedTerm;

    /// As of the leader: the entry to send next.
    long nextIndex = 1;

    /// As of the leader: up to where its log is known to be the same.
    long matchIndex;

    /// The last round of heartbeats in which it has followed, see [KvNode#confirmLeadership(long)].
    long confirmedRound;

    Peer(NodeAddress address) {
        this.address = address;
        exchange = new Exchange(address);
    }

    void followFrom(long index) {
        nextIndex = index;
        matchIndex = 0;
    }

    void matchesUpTo(long index) {
        matchIndex = Math.max(matchIndex, index);
        nextIndex = matchIndex + 1;
    }

    /// Goes back to where the logs may agree.
    void differsAfter(long index) {
        nextIndex = Math.max(matchIndex + 1, Math.min(nextIndex - 1, index + 1));
    }
}
