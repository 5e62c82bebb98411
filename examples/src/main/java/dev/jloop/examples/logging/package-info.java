/// A loop with a turn of its own.
@NullMarked
package dev.jloop.examples.logging;

import org.jspecify.annotations.NullMarked;
