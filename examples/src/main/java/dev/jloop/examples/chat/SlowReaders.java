package dev.jloop.examples.chat;

/// What a chat server does with a client whose queue is full. Either way it delays nobody else.
public enum SlowReaders {
    /// Its connection is cut, also when it stays behind for too long.
    CUT,

    /// It stays, but neither hears nor says anything until no more than an eighth of its queue
    /// waits for it. Then it is told how many lines it has missed.
    HOLD
}
