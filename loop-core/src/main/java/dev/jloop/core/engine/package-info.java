/// Coroutines that run on the loop's thread, in two ways behind one interface. Knows nothing of
/// loops.
@NullMarked
package dev.jloop.core.engine;

import org.jspecify.annotations.NullMarked;
