/// Virtual time, a simulated network and assertions for tests of code on the loop.
@NullMarked
package dev.jloop.testkit;

import org.jspecify.annotations.NullMarked;
