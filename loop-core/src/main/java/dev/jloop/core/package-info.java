/// The event loop, futures, tasks, coroutines and the synchronisation between them.
///
/// Begin with [Async]. A stream of items that have to be waited for is an [AsyncIterable], which a
/// plain for-each goes through: a generator of one's own, or a `java.util.concurrent.Flow`
/// publisher.
///
/// ```java
/// var ticks = Async.<Integer>generate(emitter -> {
///     for (var i = 1; ; i++) {
///         Async.sleep(Duration.ofSeconds(1));
///         emitter.emit(i);
///     }
/// });
/// ```
@NullMarked
package dev.jloop.core;

import org.jspecify.annotations.NullMarked;
