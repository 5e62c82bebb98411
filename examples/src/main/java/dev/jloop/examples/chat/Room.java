package dev.jloop.examples.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.stream.Collectors;

/// Those who hear each other. Confined to the loop's thread.
final class Room {
    private static final int MOST_SHOWN = 50;

    private final String name;
    private final LinkedHashSet<Member> members = new LinkedHashSet<>();

    Room(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /// {@return the names of those inside, in the order in which they came}
    String names() {
        return list(members.stream().map(Member::name).toList());
    }

    /// {@return names to show, of which there may be very many}
    static String list(Collection<String> names) {
        var shown = names.stream().limit(MOST_SHOWN).collect(Collectors.joining(" "));
        var more = names.size() - MOST_SHOWN;
        return more > 0 ? shown + " and " + more + " more" : shown;
    }

    void add(Member member) {
        members.add(member);
    }

    void remove(Member member) {
        members.remove(member);
    }

    /// Sends a line to everybody inside. It never suspends, so that all get all lines in one order.
    void broadcast(String line) {
        var bytes = (line + "\n").getBytes(UTF_8);
        members.forEach(member -> member.deliver(bytes));
    }
}
