/// Synchronisation between the coroutines of one loop: fair, first in first out, and safe to
/// cancel.
///
/// Nothing here suspends unless it has to wait. Each object belongs to the loop of the first
/// coroutine that had to wait for it; before that, and by who need not wait, it can be used
/// anywhere. Each gives a snapshot of itself by `statistics()`, and says in its `toString` who
/// waits for what.
@NullMarked
package dev.jloop.core.sync;

import org.jspecify.annotations.NullMarked;
