package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// What has happened on a [VirtualTimeLoop], in order, with a running hash of it.
///
/// ```java
/// var hash = loop.trace().hash();   // the same in every run of the same program and seed
/// ```
///
/// The events are: a turn has begun (`turn`), a step of a task runs (`task`, with the number of the
/// task on this loop and its name), a timer fires (`timer`), a callback runs (`callback`), and what
/// was added by [#note(String, String)]. Turns in which nothing runs are no events.
///
/// **The hash** takes in every event, with its virtual time: kinds, texts of notes, names of tasks
/// and the place at which callbacks were ready, but not what a callback is. It depends on the
/// program and the seed, and not on identity hash codes, on names of threads, on real time or on
/// the coroutine engine, nor on the garbage collector: exceptions that nobody has looked at are
/// reported when the loop is closed. Work outside the loop is not part of the seed, so it may
/// change the hash.
///
/// Always on: it costs tens of nanoseconds for each event, and keeps the text of the last 256. What
/// happens to a packet of a [SimulatedNetwork] costs more, since its text is made each time.
///
/// **Threading:** the thread that owns the loop.
///
/// @since 0.1
public final class Trace {
    /// Something that has happened.
    ///
    /// @param number how many events were before it
    /// @param time when it was, in virtual time
    /// @param kind what has happened, in a word
    /// @param text to what, in a few
    /// @since 0.1
    public record Event(long number, Duration time, String kind, String text) {
        /// {@return the event in a line}
        @Override
        public String toString() {
            return "%6d  at %s  %s %s".formatted(number, time, kind, text);
        }
    }

    static final String TURN = "turn";
    static final String TASK = "task";
    static final String TIMER = "timer";
    static final String CALLBACK = "callback";

    /// A power of two.
    private static final int RECENT = 256;

    /// What a run may keep that is watched closely: some tens of megabytes.
    private static final int MOST_KEPT = 200_000;

    private final VirtualClock clock;

    // The last events, in columns, so that an event allocates nothing.
    private final long[] times = new long[RECENT];
    private final String[] kinds = new String[RECENT];
    private final long[] numbers = new long[RECENT];
    private final @Nullable String[] texts = new @Nullable String[RECENT];

    private final @Nullable Closely closely;
    private @Nullable Consumer<Event> listener;
    private long size;
    private long hash;

    /// All events from the first on, and the hash after each.
    private static final class Closely {
        final List<Event> events = new ArrayList<>();
        final List<Long> hashes = new ArrayList<>();
    }

    /// @param closely whether the events are kept from the first on, and callbacks are described
    Trace(VirtualClock clock, boolean closely) {
        this.clock = clock;
        this.closely = closely ? new Closely() : null;
    }

    /// {@return the hash of all events so far}
    public long hash() {
        return hash;
    }

    /// {@return the number of events so far}
    public long size() {
        return size;
    }

    /// {@return the last events, 256 at most, the oldest first}
    public List<Event> events() {
        var recent = new ArrayList<Event>();
        for (var number = Math.max(0, size - RECENT); number < size; number++) {
            recent.add(event(number));
        }
        return recent;
    }

    /// Adds an event of your own, which counts for the hash. It should say nothing that differs
    /// between runs, such as real time, or the `toString` of an object that has none of its own.
    ///
    /// @param kind what has happened, in a word
    /// @param text to what, in a few
    public void note(String kind, String text) {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(text, "text");
        add(kind, 0, text, text.hashCode());
    }

    /// {@return the hash and the last events, for people}
    @Override
    public String toString() {
        return "Trace["
                + inHex(hash)
                + ", "
                + size
                + " events]"
                + events().stream()
                        .map(event -> System.lineSeparator() + event)
                        .collect(Collectors.joining());
    }

    static String inHex(long hash) {
        return "%016x".formatted(hash);
    }

    // ---- for the loop

    void turn(long number) {
        add(TURN, number, null, 0);
    }

    void step(TaskLabel task) {
        add(TASK, task.number(), task.text(), task.name().hashCode());
    }

    /// @param place how many were ready before it in its turn
    void callback(String kind, int place, Runnable callback) {
        add(
                kind,
                place,
                closely == null ? null : place + " " + withoutIdentity(callback.toString()),
                0);
    }

    /// Has every event told from now on. There is one listener at most.
    void tell(Consumer<Event> newListener) {
        listener = newListener;
    }

    /// {@return all events; of a run that was watched closely, and up to a limit}
    List<Event> kept() {
        return closely == null ? List.of() : closely.events;
    }

    /// {@return how many events `other` and this one have in common at their beginning} Both have
    /// to have been watched closely.
    int commonWith(Trace other) {
        if (closely == null || other.closely == null) {
            throw new IllegalStateException("only traces watched closely can be compared");
        }
        var mine = closely.hashes;
        var others = other.closely.hashes;
        var common = 0;
        while (common < Math.min(mine.size(), others.size())
                && mine.get(common).equals(others.get(common))) {
            common++;
        }
        return common;
    }

    private static String withoutIdentity(String text) {
        return text.replaceAll("\\$\\$Lambda(/0x[0-9a-f]+)?", "\\$\\$Lambda")
                .replaceAll("@[0-9a-f]{4,}", "");
    }

    private void add(String kind, long number, @Nullable String text, int textHash) {
        var place = (int) size & (RECENT - 1);
        var time = clock.nanos();
        times[place] = time;
        kinds[place] = kind;
        numbers[place] = number;
        texts[place] = text;
        hash = mixed(mixed(mixed(hash, time), number), ((long) kind.hashCode() << 32) ^ textHash);
        size++;
        if (closely != null && closely.events.size() < MOST_KEPT) {
            closely.events.add(event(size - 1));
            closely.hashes.add(hash);
        }
        if (listener != null) {
            listener.accept(event(size - 1));
        }
    }

    private static long mixed(long hash, long value) {
        return Seeds.mix((hash * 31 + value) ^ 0x9e3779b97f4a7c15L);
    }

    private Event event(long number) {
        var place = (int) number & (RECENT - 1);
        var text = texts[place];
        if (text == null) {
            text = String.valueOf(numbers[place]);
        }
        return new Event(number, Duration.ofNanos(times[place]), kinds[place], text);
    }
}
