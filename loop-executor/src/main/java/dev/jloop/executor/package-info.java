/// Threads, blocking work and subprocesses, awaited from the event loop.
@NullMarked
package dev.jloop.executor;

import org.jspecify.annotations.NullMarked;
