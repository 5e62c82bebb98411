/// Readers and writers over transports.
@NullMarked
package dev.jloop.streams;

import org.jspecify.annotations.NullMarked;
