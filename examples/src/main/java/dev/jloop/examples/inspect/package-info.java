/// A look into another JVM: the tasks of its event loops, read through JMX.
@NullMarked
package dev.jloop.examples.inspect;

import org.jspecify.annotations.NullMarked;
