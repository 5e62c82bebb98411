package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// Items that may have to be waited for. A plain for-each works in any coroutine, and suspends
/// there.
///
/// ```java
/// for (var line : lines) {            // until the end
///     IO.println(line);
/// }
/// try (var some = lines.iterator()) { // some of them, and then clean up at once
///     IO.println(some.next());
/// }
/// ```
///
/// @param <T> the type of the items
/// @since 0.1
public interface AsyncIterable<T extends @Nullable Object> extends Iterable<T> {
    /// {@return a new pass over the items} It begins with the first item that is asked for.
    @Override
    AsyncIterator<T> iterator();
}
