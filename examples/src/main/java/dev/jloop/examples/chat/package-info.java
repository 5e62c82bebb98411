/// A chat service over streams: rooms, names, and clients that cannot hold each other up.
@NullMarked
package dev.jloop.examples.chat;

import org.jspecify.annotations.NullMarked;
