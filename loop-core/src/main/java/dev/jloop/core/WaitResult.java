package dev.jloop.core;

import java.util.Set;

/// What a wait for several futures saw when it ended.
///
/// @param done the futures that were done, in the order they were given
/// @param pending the others, untouched
/// @param <F> the type of the futures
/// @since 0.1
public record WaitResult<F extends LoopFuture<?>>(Set<F> done, Set<F> pending) {}
