package dev.jloop.core;

/// How messages name a thread.
final class Threads {
    private Threads() {}

    static String describe(Thread thread) {
        var name = thread.getName();
        return (name.isEmpty() ? "(unnamed)" : "'" + name + "'")
                + (thread.isVirtual() ? " (virtual, #" : " (#")
                + thread.threadId()
                + ")";
    }
}
