/// A tiny HTTP/1.1 client over streams: enough for a crawler, strict about what it reads.
@NullMarked
package dev.jloop.examples.http;

import org.jspecify.annotations.NullMarked;
