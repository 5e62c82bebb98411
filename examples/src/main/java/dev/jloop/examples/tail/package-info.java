/// The lines that another program writes, as they come.
@NullMarked
package dev.jloop.examples.tail;

import org.jspecify.annotations.NullMarked;
