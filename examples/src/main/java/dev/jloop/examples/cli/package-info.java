/// The `jloop` command line.
@NullMarked
package dev.jloop.examples.cli;

import org.jspecify.annotations.NullMarked;
