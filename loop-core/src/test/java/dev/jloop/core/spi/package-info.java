@org.jspecify.annotations.NullMarked
package dev.jloop.core.spi;
