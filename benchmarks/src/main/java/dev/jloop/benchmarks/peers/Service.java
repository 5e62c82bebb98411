package dev.jloop.benchmarks.peers;

import java.util.Locale;

/// What a server offers.
public enum Service {
    /// Every byte comes back.
    ECHO,
    /// HTTP/1.1: each request is answered by [#GREETING], and the connection stays open.
    HTTP;

    /// The body of each response.
    static final String GREETING = "Hello, World!";

    /// {@return as it stands in commands}
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Service of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
