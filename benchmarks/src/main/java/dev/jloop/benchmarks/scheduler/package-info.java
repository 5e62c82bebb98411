/// What the scheduler costs, beside peers in the same run. See `docs/benchmarks.md`.
@NullMarked
package dev.jloop.benchmarks.scheduler;

import org.jspecify.annotations.NullMarked;
