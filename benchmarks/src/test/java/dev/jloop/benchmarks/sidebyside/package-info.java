@org.jspecify.annotations.NullMarked
package dev.jloop.benchmarks.sidebyside;
