package dev.jloop.transports;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import org.jspecify.annotations.Nullable;

import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;

/// Answers of a resolver for the few seconds in which they count as true.
final class AnswerCache {
    static final int MAX_ANSWERS = 1000;

    private record Entry(Answer<?> answer, long givenAt, long lifeNanos) {}

    private final long cacheNanos;
    private final long negativeCacheNanos;
    private final Map<Question<?>, Entry> entries = new LinkedHashMap<>();

    AnswerCache(ResolverOptions options) {
        cacheNanos = NANOSECONDS.convert(options.cacheTime());
        negativeCacheNanos = NANOSECONDS.convert(options.negativeCacheTime());
    }

    @SuppressWarnings("unchecked") // an entry's answer is one to the question it is kept under
    <V> @Nullable Answer<V> find(Question<V> question, long now) {
        var entry = entries.get(question);
        if (entry == null) {
            return null;
        }
        if (now - entry.givenAt() >= entry.lifeNanos()) {
            entries.remove(question);
            return null;
        }
        return (Answer<V>) entry.answer();
    }

    <V> void put(Question<V> question, Answer<V> answer, long now) {
        var nanos = nanosFor(answer);
        if (nanos == 0) {
            return;
        }
        entries.remove(question); // so that it becomes the newest
        if (entries.size() == MAX_ANSWERS) {
            entries.remove(entries.keySet().iterator().next());
        }
        entries.put(question, new Entry(answer, now, nanos));
    }

    private long nanosFor(Answer<?> answer) {
        return switch (answer) {
            case Answer.Found<?> _ -> cacheNanos;
            case Answer.NotFound<?>(UnknownHostException _) -> negativeCacheNanos;
            // A bug or a lack of threads says nothing about the name.
            case Answer.NotFound<?> _ -> 0;
        };
    }
}
