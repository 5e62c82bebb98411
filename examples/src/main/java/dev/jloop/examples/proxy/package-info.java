/// A TCP proxy over streams.
@NullMarked
package dev.jloop.examples.proxy;

import org.jspecify.annotations.NullMarked;
