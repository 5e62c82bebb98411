/// Computing off the loop: primes are counted on all processors while the loop keeps its beat.
@NullMarked
package dev.jloop.examples.cpu;

import org.jspecify.annotations.NullMarked;
