/// A tiny HTTP/1.1 server and client over streams: enough for a demo, strict about what it reads.
@NullMarked
package dev.jloop.examples.http;

import org.jspecify.annotations.NullMarked;
