package dev.jloop.examples.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Header fields in their order; names are compared without regard to case. Immutable.
public final class Headers {
    private record Field(String name, String value) {}

    private final List<Field> fields;

    private Headers(List<Field> fields) {
        this.fields = List.copyOf(fields);
    }

    /// {@return the value of the first field of that name, or empty if there is none}
    ///
    /// @param name in any case
    public Optional<String> first(String name) {
        return fields.stream()
                .filter(field -> field.name.equalsIgnoreCase(name))
                .map(Field::value)
                .findFirst();
    }

    /// {@return the comma-separated members of all fields of that name, in lower case}
    ///
    /// @param name in any case
    public List<String> members(String name) {
        return fields.stream()
                .filter(field -> field.name.equalsIgnoreCase(name))
                .flatMap(field -> List.of(field.value.split(",", -1)).stream())
                .map(member -> member.strip().toLowerCase(Locale.ROOT))
                .filter(member -> !member.isEmpty())
                .toList();
    }

    /// Reads field lines without their line ends.
    static Headers parse(List<String> lines) throws MalformedMessageException {
        var fields = new ArrayList<Field>(lines.size());
        for (var line : lines) {
            fields.add(parseField(line));
        }
        return new Headers(fields);
    }

    private static Field parseField(String line) throws MalformedMessageException {
        int colon = line.indexOf(':');
        if (colon < 0) {
            throw new MalformedMessageException(
                    "a header line has no colon: " + Tokens.quote(line));
        }
        var name = line.substring(0, colon);
        if (!Tokens.isToken(name)) {
            throw new MalformedMessageException("not a header name: " + Tokens.quote(name));
        }
        var value = line.substring(colon + 1).strip();
        if (!Tokens.isFieldValue(value)) {
            throw new MalformedMessageException(
                    "header " + name + " has a control character in its value");
        }
        return new Field(name, value);
    }

    @Override
    public String toString() {
        return fields.toString();
    }
}
