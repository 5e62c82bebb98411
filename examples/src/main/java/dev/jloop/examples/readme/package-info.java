/// The program that the README shows.
@NullMarked
package dev.jloop.examples.readme;

import org.jspecify.annotations.NullMarked;
