package dev.jloop.testkit;

import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Choices that differ from first in, first out, to be made again: by the number of the choice, the
/// position that was chosen. As text: `3:1,17:2`, or `fifo` where there are none.
final class RecordedChoices implements Chooser {
    static final String NONE = "fifo";

    private final NavigableMap<Integer, Integer> positions = new TreeMap<>();

    static RecordedChoices of(Collection<ChoiceLog.Entry> entries) {
        var recorded = new RecordedChoices();
        entries.forEach(entry -> recorded.positions.put(entry.choice(), entry.position()));
        return recorded;
    }

    /// {@return the choices that `text` lists}
    ///
    /// @throws IllegalArgumentException if it is no such list
    static RecordedChoices parse(String text) {
        var recorded = new RecordedChoices();
        if (text.equals(NONE)) {
            return recorded;
        }
        for (var part : text.split(",", -1)) {
            var colon = part.indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException("'" + part + "' is no choice such as 17:2");
            }
            var choice = Integer.parseUnsignedInt(part.substring(0, colon).strip());
            var position = Integer.parseUnsignedInt(part.substring(colon + 1).strip());
            if (choice < 0 || position < 0) {
                throw new IllegalArgumentException("'" + part + "' is out of range");
            }
            recorded.positions.put(choice, position);
        }
        return recorded;
    }

    /// A position that does not exist, because the program has changed or another choice was made
    /// before, counts as the last one.
    @Override
    public int choose(int choice, ReadyChoices ready) {
        return Math.min(positions.getOrDefault(choice, 0), ready.count() - 1);
    }

    @Override
    public String toString() {
        return positions.isEmpty()
                ? NONE
                : positions.entrySet().stream()
                        .map(entry -> entry.getKey() + ":" + entry.getValue())
                        .collect(Collectors.joining(","));
    }
}
