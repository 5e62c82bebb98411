/// The seams of the loop: what a user of jloop may replace by an implementation of their own.
@NullMarked
package dev.jloop.core.spi;

import org.jspecify.annotations.NullMarked;
