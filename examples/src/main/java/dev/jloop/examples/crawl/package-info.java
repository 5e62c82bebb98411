/// A crawler of many connections on one thread, its progress display, and the pictures it draws.
@NullMarked
package dev.jloop.examples.crawl;

import org.jspecify.annotations.NullMarked;
