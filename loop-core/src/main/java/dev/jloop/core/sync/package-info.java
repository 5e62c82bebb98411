/// Synchronisation between the coroutines of one loop: fair, first in first out, and safe to
/// cancel.
@NullMarked
package dev.jloop.core.sync;

import org.jspecify.annotations.NullMarked;
