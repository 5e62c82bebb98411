/// The event loop, futures, tasks, coroutines and the synchronisation between them.
@NullMarked
package dev.jloop.core;

import org.jspecify.annotations.NullMarked;
