/// A clock over UDP: datagrams, answers that get lost, and the difference of two clocks.
@NullMarked
package dev.jloop.examples.time;

import org.jspecify.annotations.NullMarked;
