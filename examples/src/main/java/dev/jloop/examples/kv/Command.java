package dev.jloop.examples.kv;

import static java.nio.charset.StandardCharsets.UTF_8;

/// What a client asks of the store, or what a new leader starts its term with.
///
/// @param client the client's id, different for each client there ever is
/// @param sequence the number of the command among those of its client, from 1; a retry has the
///   number of the first try
/// @param kind what to do
/// @param key where
/// @param value what to write; empty where nothing is written
record Command(String client, long sequence, Kind kind, String key, String value) {
    enum Kind {
        /// Changes nothing. An entry of its own term tells a new leader what is committed.
        NOTHING(0),
        GET(1),
        PUT(2),
        APPEND(3);

        /// What stands for it in a message.
        final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /// So that a full batch of the log fits into one message.
    static final int LONGEST_BYTES = 60_000;

    static final Command NOTHING = new Command("", 0, Kind.NOTHING, "", "");

    /// Checks the size.
    Command {
        var bytes =
                client.getBytes(UTF_8).length
                        + key.getBytes(UTF_8).length
                        + value.getBytes(UTF_8).length;
        if (bytes > LONGEST_BYTES) {
            throw new IllegalArgumentException(
                    "the client's id, the key and the value may have "
                            + LONGEST_BYTES
                            + " bytes in UTF-8 together, and have "
                            + bytes);
        }
    }
}
