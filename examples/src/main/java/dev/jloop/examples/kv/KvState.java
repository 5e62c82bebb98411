package dev.jloop.examples.kv;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The keys and values, made by the committed commands in the order of the log.
class KvState {
    /// Appending more changes nothing, so that a value fits into one message.
    static final int LONGEST_VALUE = 1_000_000;

    /// What became of the last command of a client.
    private record Last(long sequence, boolean isTooLong) {}

    private final Map<String, String> values = new HashMap<>();
    private final Map<String, Last> lastByClient = new HashMap<>();

    Optional<String> value(String key) {
        return Optional.ofNullable(values.get(key));
    }

    void apply(Command command) {
        if (isRepeated(command)) {
            return;
        }
        var isTooLong = false;
        switch (command.kind()) {
            case NOTHING, GET -> {}
            case PUT -> values.put(command.key(), command.value());
            case APPEND -> {
                var old = values.getOrDefault(command.key(), "");
                isTooLong = old.length() + command.value().length() > LONGEST_VALUE;
                if (!isTooLong) {
                    values.put(command.key(), old + command.value());
                }
            }
        }
        lastByClient.put(command.client(), new Last(command.sequence(), isTooLong));
    }

    /// Whether the command was applied before, since its client has tried twice.
    boolean isRepeated(Command command) {
        var last = lastByClient.get(command.client());
        return last != null && command.sequence() <= last.sequence();
    }

    /// Whether the command was applied and has changed nothing, for its value had become too long.
    boolean isTooLong(Command command) {
        return new Last(command.sequence(), true).equals(lastByClient.get(command.client()));
    }
}
