/// An echo server over streams.
@NullMarked
package dev.jloop.examples.echo;

import org.jspecify.annotations.NullMarked;
