/// What jloop costs, beside peers in the same run. See `docs/benchmarks.md`.
@NullMarked
package dev.jloop.benchmarks;

import org.jspecify.annotations.NullMarked;
