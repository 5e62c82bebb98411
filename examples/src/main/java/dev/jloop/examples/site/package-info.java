/// The web site that the demo crawls: pages about the modules and packages of the JDK it runs on.
@NullMarked
package dev.jloop.examples.site;

import org.jspecify.annotations.NullMarked;
