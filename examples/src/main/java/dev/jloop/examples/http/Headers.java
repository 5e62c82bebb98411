package dev.jloop.examples.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Header fields in their order; names are compared without regard to case. Immutable.
public final class Headers {
    /// No field at all.
    public static final Headers EMPTY = new Headers(List.of());

    private record Field(String name, String value) {}

    private final List<Field> fields;

    private Headers(List<Field> fields) {
        this.fields = List.copyOf(fields);
    }

    /// {@return these fields followed by one more}
    ///
    /// @param name a token as RFC 9110 defines it
    /// @param value without line breaks or NUL
    /// @throws IllegalArgumentException if either would not survive the wire
    public Headers with(String name, String value) {
        if (!Tokens.isToken(name)) {
            throw new IllegalArgumentException("not a header name: '" + name + "'");
        }
        if (!Tokens.isFieldValue(value)) {
            throw new IllegalArgumentException(
                    "header " + name + " has a control character in its value");
        }
        var more = new ArrayList<>(fields);
        more.add(new Field(name, value));
        return new Headers(more);
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

    /// {@return the fields as they go over the wire, each with its line end}
    String render() {
        var text = new StringBuilder();
        for (var field : fields) {
            text.append(field.name).append(": ").append(field.value).append("\r\n");
        }
        return text.toString();
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
